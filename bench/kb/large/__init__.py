"""Large bases: limits held."""
