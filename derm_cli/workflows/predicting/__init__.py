"""Predicting photographs with a finished model."""
