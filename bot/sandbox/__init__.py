"""A Bot API server on this machine: try and test any bot with no token and no network."""
