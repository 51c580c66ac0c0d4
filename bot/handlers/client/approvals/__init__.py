"""«Согласования»: what a person decides for a company."""
