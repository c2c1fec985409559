"""Augmentations: random changes of photographs in training."""
