"""What a ticket is billed and draws from its pools."""
