"""Killing the bot with SIGKILL while clients play the story, and looking whether anything was lost or doubled."""
