"""Workdays, the working clock, periods and bands of time; reading times as people write them."""
