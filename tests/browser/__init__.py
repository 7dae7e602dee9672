"""The page as a person's browser shows it."""
