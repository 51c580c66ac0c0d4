"""What people thought of answers, what nobody answered, and what is learned of it."""
