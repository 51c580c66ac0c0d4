"""Conversations of the dispatcher role."""
