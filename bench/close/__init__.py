"""Period close beside the same sums in plain SQL."""
