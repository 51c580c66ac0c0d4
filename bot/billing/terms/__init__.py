"""What a plan promises and a contract changes."""
