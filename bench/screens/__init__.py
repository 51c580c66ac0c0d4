"""What screens cost, beside the first version of the same."""
