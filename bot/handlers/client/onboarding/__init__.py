"""Getting acquainted, and the settings."""
