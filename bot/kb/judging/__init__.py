"""How well an article answers a line, and how sure that is."""
