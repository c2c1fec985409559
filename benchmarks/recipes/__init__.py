"""``make bench-recipes``: every recipe against what a good user would do without derm, in cross-validation."""
