"""Articles: as files and as rows, with what lies beside them."""
