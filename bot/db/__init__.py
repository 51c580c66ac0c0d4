"""Engine, unit of work, column types, numbering: what every room stands on."""
