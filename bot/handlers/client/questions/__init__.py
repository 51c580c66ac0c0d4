"""A client asks in their own words."""
