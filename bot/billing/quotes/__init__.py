"""Quotes: sent, approved by those who may, and whether a yes stands."""
