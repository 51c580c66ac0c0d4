"""HTTP to the Bot API."""
