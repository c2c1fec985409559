"""Whether a page's output is what a command prints: words and lines to the letter, figures whatever they are."""

from __future__ import annotations

import re

LEFT_OUT = "[…]"
"""What stands for lines, or for a part of a line, that a page leaves out."""

_RULES = (
    (re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}"), "RUN"),
    (re.compile(r"\d[\d,.]*(?:e[-+]?\d+)?"), "0"),
    (re.compile(r" ?\(-?0(?:–| to )-?0\)"), ""),
    (re.compile(r"(?<![\w])-0"), "0"),
    (re.compile(r"-{2,}"), "--"),
    # What has no value has a dash in its place.
    (re.compile(r"(?<!\S)–(?!\S)"), "0"),
    (re.compile(r"\s+"), " "),
)


def plain(line: str) -> str:
    """Return a line without what hangs on the machine and the day: figures, intervals, ids, widths of columns."""
    for pattern, put in _RULES:
        line = pattern.sub(put, line)
    return line.strip()


def first_difference(wanted: str, printed: str) -> str:
    """Return the first line of a page's output that a command did not print where it should be; '' where there is none.

    The page may begin anywhere in what was printed, and end anywhere.  Empty lines count for nothing.
    """
    have = [plain(line) for line in printed.splitlines() if line.strip()]
    parts: list[list[str]] = [[]]
    for line in wanted.splitlines():
        if line.strip() == LEFT_OUT:
            parts.append([])
        elif line.strip():
            parts[-1].append(line)
    start = 0
    for part in (part for part in parts if part):
        found = [_matched(part, have, at) for at in range(start, len(have))]
        best = max(found, default=0)
        if best < len(part):
            return part[best]
        start += found.index(best) + len(part)
    return ""


def _matched(part: list[str], have: list[str], at: int) -> int:
    """Return how many lines of ``part`` stand from line ``at`` on."""
    count = 0
    for wanted, printed in zip(part, have[at:], strict=False):
        pattern = ".*".join(re.escape(plain(piece)) for piece in wanted.split(LEFT_OUT))
        if not re.fullmatch(pattern, printed):
            break
        count += 1
    return count
