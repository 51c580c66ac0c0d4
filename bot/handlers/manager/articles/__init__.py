"""Articles written in the chat."""
