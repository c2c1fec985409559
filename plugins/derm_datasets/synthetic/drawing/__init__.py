"""Draws synthetic photographs.  Imports NumPy, SciPy and Pillow: import it only when there is something to draw."""
