"""A client's line: its words, repaired and understood."""
