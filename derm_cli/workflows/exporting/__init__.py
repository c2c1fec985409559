"""Exporting artefacts of a finished run, each checked against it."""
