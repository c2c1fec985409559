"""Splitting datasets into what is trained on, what epochs are judged by, and what the finished model is tested on."""

TRAIN, VALIDATION, TEST = "train", "validation", "test"
"""The names of the parts, as split.csv and publishers' tables have them."""
