"""Trainings that belong together, and what they come to: studies, and cross-validation."""
