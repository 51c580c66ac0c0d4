"""What comes in, kept before it is acknowledged."""
