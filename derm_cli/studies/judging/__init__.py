"""What a study's trainings answered, what that decides, and the row that is chosen by it."""
