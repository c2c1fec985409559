"""A run once more, and whether it is the same to the last bit."""
