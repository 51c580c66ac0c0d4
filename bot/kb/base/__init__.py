"""What the search reads: the words of all articles, and their vectors."""
