"""Questions that nobody answered."""
