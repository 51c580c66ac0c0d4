"""Hours (or another unit) of a contract: granted, held, drawn, carried over."""
