"""Triage, and what staff forwards."""
