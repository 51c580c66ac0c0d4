"""Is this work covered, by what, and if not, for how much."""
