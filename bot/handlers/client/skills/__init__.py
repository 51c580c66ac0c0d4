"""What a client asks about their own account, answered with their own figures (R1.13)."""
