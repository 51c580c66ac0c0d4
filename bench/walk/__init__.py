"""A newcomer's walk, counted."""
