"""What a study has to do: its trainings as a graph of work, and what that takes."""
