"""Files as people have them: sheets, cells, and the values in them."""
