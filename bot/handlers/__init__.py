"""Conversations as aiogram routers: read the press or the text, call one act, answer with a template."""
