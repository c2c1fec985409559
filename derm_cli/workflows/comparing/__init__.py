"""Comparing runs bit by bit, and models by their metrics."""
