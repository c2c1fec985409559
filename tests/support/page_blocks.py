"""The blocks of a page in Markdown, in their order: commands, programs, files, and what a command printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

_FENCE = re.compile(r"^( *)```\s*([\w{}-]*)\s*$")
_FILE = re.compile(r"^\s*<!-- file: (\S+) -->\s*$")
_GENERATED = re.compile(r"\]\]\] -->.*?<!-- \[\[\[end", re.DOTALL)

SHELL = "shell"
"""The kind of a block that is indented by four characters: commands for a shell."""


@dataclass(frozen=True)
class Block:
    """A block: its ``kind`` (the word after the fence, or "shell"), its ``line`` from 1, and the ``file`` it is.

    ``file`` is named by a comment before the block, ``<!-- file: derm.toml -->``, which a reader does not see.
    """

    kind: str
    code: str
    line: int
    file: str = ""


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a page; what the code's own generator wrote into it is left out."""
    # Lines keep their numbers.
    text = _GENERATED.sub(lambda found: "\n" * found[0].count("\n"), text)
    return list(_blocks(text.splitlines()))


def _blocks(lines: list[str]) -> Iterator[Block]:
    number, file = 0, ""
    while number < len(lines):
        line = lines[number]
        if named := _FILE.match(line):
            file = named[1]
        elif fence := _FENCE.match(line):
            end = _end_of_fence(lines, number)
            yield Block(fence[2], dedent("\n".join(lines[number + 1 : end])) + "\n", number + 1, file)
            number, file = end, ""
        elif line.startswith("    ") and (number == 0 or not lines[number - 1].strip()):
            end = _end_of_indent(lines, number)
            code = dedent("\n".join(lines[number:end])).strip("\n") + "\n"
            yield Block(SHELL, code, number + 1, file)
            number, file = end - 1, ""
        number += 1


def _end_of_fence(lines: list[str], start: int) -> int:
    return next(at for at in range(start + 1, len(lines)) if lines[at].strip() == "```")


def _end_of_indent(lines: list[str], start: int) -> int:
    """Return the line after an indented block; an empty line is in it where the next one is indented again."""
    end = start
    for at in range(start, len(lines)):
        if lines[at].startswith("    "):
            end = at + 1
        elif lines[at].strip():
            break
    return end
