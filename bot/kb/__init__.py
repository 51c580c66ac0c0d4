"""The knowledge base: reads a line, ranks articles, decides, and learns."""
