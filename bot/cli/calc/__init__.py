"""`calc`: the billing arithmetic as JSON lines."""
