"""Names of rows in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from derm_cli.errors import one_line
from derm_cli.nouns import listed

MOST_NAMED = 5
"""Rows, or pairs of rows, that a sentence names."""


def quoted(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Return the first ``most`` names in quotes, and how many there are more."""
    return listed([f"'{one_line(name)}'" for name in names], most)
