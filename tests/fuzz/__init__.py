"""Fuzzing: spoilt tables, photographs and stored files, each in a process of its own."""
