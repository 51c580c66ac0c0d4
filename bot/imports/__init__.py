"""Tables of a company brought in from XLSX or CSV: read, checked as a whole, loaded all or nothing."""
