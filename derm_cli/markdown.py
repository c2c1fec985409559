"""Tables in Markdown, as GitHub's has them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_BAR = re.compile(r"(?<!\\)\|")


def markdown_table(header: Sequence[object], rows: Iterable[Sequence[object]], right: Collection[int] = ()) -> str:
    """Return a table of cells that are Markdown; the columns ``right``, by their numbers from 0, stand to the right.

    A bar in a cell is escaped where it is not yet.
    """
    rule = ["---:" if column in right else "---" for column in range(len(header))]
    cells = [[_BAR.sub(r"\\|", str(cell)) for cell in row] for row in (header, rule, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)
