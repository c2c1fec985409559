"""What is kept of a study in a folder beside the runs."""
