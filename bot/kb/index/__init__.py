"""The search as one piece: built, kept alive, asked."""
