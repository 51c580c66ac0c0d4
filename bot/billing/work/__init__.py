"""Time and works that were done."""
