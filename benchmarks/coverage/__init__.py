"""What intervals and tests promise, held against data sets whose truth is known."""
