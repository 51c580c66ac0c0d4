"""Phone calls as labour."""
