"""Copies of a database, made while it is in use and put back whole."""
