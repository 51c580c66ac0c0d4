"""Firstline: the front line of a service company, in Telegram."""
