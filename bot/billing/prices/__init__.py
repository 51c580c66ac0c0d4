"""Which price applies."""
