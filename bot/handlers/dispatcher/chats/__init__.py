"""Chats that begin or cease to be."""
