"""Workflows on plugins: new ones, and checks of those that are installed."""
