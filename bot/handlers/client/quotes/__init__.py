"""A quote in chat."""
