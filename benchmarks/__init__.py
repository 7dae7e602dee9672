"""How fast, on what, compared with what."""
