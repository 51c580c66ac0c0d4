"""On the way to another plan."""
