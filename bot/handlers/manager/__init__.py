"""Conversations of the manager role."""
