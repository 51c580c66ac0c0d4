"""Months closed: what of the tickets goes into statements."""
