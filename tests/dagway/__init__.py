"""The roof's tests."""
