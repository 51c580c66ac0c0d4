"""What must be said: kept in order, sent, and what became of it."""
