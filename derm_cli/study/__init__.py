"""Trainings that belong together, and what they come to: cross-validation."""
