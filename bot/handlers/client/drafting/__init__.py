"""A client puts a ticket together."""
