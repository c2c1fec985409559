"""From a predictions table to figures, tables and pictures: nothing here knows who made the predictions."""

SYNTHETIC = "SYNTHETIC: photographs made by a program are among these; no figure says anything about patients."
"""What stands above every figure that such photographs have a part in."""
