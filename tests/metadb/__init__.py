"""The ground floor's tests."""
