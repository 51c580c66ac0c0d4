"""What our own people ask the bot for in words."""
