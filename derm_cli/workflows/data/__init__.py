"""A dataset by its name: got, read, checked, packed and shown."""
