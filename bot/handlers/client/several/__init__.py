"""Several problems in one message: each is answered, or made a ticket of its own."""
