"""Jobs: taken, gone to, worked on, finished."""
