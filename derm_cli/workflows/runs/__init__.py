"""Runs as a person lists and looks at them."""
