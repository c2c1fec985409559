"""Cross-validation: a run for each fold, and the folds as one table."""
