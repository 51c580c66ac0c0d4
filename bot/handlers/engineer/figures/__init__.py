"""Sums and times typed for a job."""
