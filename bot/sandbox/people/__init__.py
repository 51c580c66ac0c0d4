"""The people's side: what they do and see, and what stands above them."""
