"""Second floor: many keys in, their rows out, in a fixed number of statements."""
