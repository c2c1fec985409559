"""What a study asks: its file, the studies that derm brings, and the rows of its grid."""
