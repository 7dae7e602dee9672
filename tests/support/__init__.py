"""What tests share: real databases, gateways on them, and their data."""
