"""What companies owe, and what people say about it."""
