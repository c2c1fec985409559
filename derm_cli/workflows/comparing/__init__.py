"""Runs and models beside one another: bit by bit, and by what their metrics prove."""
