"""What the client's finance says of a debt."""
