"""Markdown that the pages are made of."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any

WIDTH = 120


def prose(docstring: str | None) -> str:
    """Return a docstring as Markdown."""
    text = re.sub(r":\w+:`(?:[\w.]+\.)?(\w+)`", r"`\1`", docstring or "").replace("``", "`")
    return "\n\n".join(wrapped(" ".join(each.split())) for each in text.split("\n\n"))


def wrapped(text: str, hanging: str = "") -> str:
    """Return a text in lines of at most ``WIDTH`` characters, all but the first behind ``hanging``."""
    return textwrap.fill(text, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)


def summary(function: Any) -> str:
    """Return the docstring of a function as one line of Markdown."""
    return prose(inspect.getdoc(function)).replace("\n", " ")
