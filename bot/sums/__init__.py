"""Exact sums, VAT, sums in words; reading sums as people write them."""
