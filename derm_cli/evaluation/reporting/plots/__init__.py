"""Plots of an evaluation: SVG that takes the colours of the page around it, and the confusion matrix as PNG too."""
