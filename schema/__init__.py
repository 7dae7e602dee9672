"""Fourth floor: what clients see; declarations only."""
