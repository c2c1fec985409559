"""The uncertainty of figures: intervals of metrics, of differences and of gaps, and tests by patient."""
