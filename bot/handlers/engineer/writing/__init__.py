"""What staff says on a ticket."""
