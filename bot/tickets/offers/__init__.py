"""Paid work of a ticket: offered, answered, proved."""
