"""The formats: a module each, which exports and loads it."""
