"""The frozen-block engine: trains a network through a stage's phases.  Knows no dataset and no backbone by name."""
