"""What the sandbox remembers and tells: bots, people, chats, updates, troubles."""
