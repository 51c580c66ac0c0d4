"""Documents as PDF and XLSX: the same values make the same bytes."""
