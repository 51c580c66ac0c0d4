"""The clock: claims what is due and calls the domain's functions."""
