"""Both executions against each other."""
