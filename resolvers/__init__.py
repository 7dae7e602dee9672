"""Third floor: arguments, and which relation answers which field."""
