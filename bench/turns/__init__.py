"""Conversation steps per second and their latency, beside an echo bot on bare aiogram."""
