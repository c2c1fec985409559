"""From a predictions table to metrics, tables and plots: nothing here knows who made the predictions."""

SYNTHETIC = "SYNTHETIC: photographs made by a program are among these; no figure says anything about patients."
"""What stands above every figure that such photographs have a part in."""
MOST_DRAWS = 100_000
"""Bootstrap draws: more take hours and gigabytes, and move no interval in the digits that are shown."""
REFER_AT = (0.80, 0.95)
"""The sensitivities for which it is chosen who is referred now, and who soon."""
SPECIFICITY = 0.9
"""The specificity at which sensitivities are told, and down to which the partial AUC goes."""
