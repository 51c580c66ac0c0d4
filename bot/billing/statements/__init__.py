"""What a contract is billed for a month."""
