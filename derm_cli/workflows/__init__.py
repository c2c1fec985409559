"""A module a use case: what the command line and Python callers both call."""
