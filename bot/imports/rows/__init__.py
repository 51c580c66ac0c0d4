"""Rows of each kind of sheet, each checked by itself."""
