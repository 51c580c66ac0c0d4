"""Checked rows into the database."""
