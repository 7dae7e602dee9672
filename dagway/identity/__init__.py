"""Who asks: from a request's credentials to a principal."""
