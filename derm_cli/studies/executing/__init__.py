"""Carrying a study out: units of work, the processes that do them, and how far they are."""
