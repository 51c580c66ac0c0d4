"""Notices: who is told what, and the texts it is told in."""
