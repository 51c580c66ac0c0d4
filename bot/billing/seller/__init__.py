"""The seller: particulars, requisites, tax regimes."""
