"""What is said inside a ticket, both ways, and its history in words."""
