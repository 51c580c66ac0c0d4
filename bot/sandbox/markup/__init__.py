"""Formatted text and keyboards, checked as Telegram does."""
