"""Turns: one row of the inbox, one transaction; lanes take them, dialogues last between them."""
