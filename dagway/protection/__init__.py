"""What a request may ask for: the limits, their settings, and how they refuse."""
