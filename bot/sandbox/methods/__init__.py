"""The bots' side: methods of the Bot API."""
