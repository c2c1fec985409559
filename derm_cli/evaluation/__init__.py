"""From a predictions table to figures, tables and pictures: nothing here knows who made the predictions."""
