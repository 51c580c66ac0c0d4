"""The manager's side of documents."""
