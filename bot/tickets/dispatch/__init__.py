"""Who works on what: taken, given back, handed on; cards in the group of staff."""
