"""The schema: made, compared, mended and recognised."""
