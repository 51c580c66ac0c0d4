"""Skills: what is asked about one's own account, found by the search and answered with own figures (R1.13)."""
