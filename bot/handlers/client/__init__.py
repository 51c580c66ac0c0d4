"""Conversations of the client role."""
