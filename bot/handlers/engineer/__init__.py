"""Conversations of the engineer role."""
