"""The photographs that somebody names: files, folders, patterns, lists in a file, and lists on standard input.

What is named is told apart one after the other, and a name is kept as it was typed.  So a folder of any number of
photographs costs no memory, and a list on standard input is answered while it is written.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from derm_cli.errors import RequestError
from derm_cli.plugin import DICOM_SUFFIXES, HEIF_SUFFIXES, PHOTOGRAPH_SUFFIXES, is_system_name

STANDARD_INPUT = "-"
LIST = "@"
"""What stands before the name of a file that lists photographs, a path a line."""
SUFFIXES = (*PHOTOGRAPH_SUFFIXES, *HEIF_SUFFIXES, *DICOM_SUFFIXES)
"""Endings of the files of a folder that are answered."""


class NamedPhotographs:
    """Photographs by the arguments that name them, each as its path was typed, or as that leads to it.

    An argument is a file; a folder, whose photographs are meant with those in folders below it; a pattern with ``*``,
    ``?``, ``[…]`` or ``**``, where no file is called so; ``@FILE``, a list of files and folders, a path a line; or
    ``-``, such a list on standard input.  Raises RequestError for a list, a folder or a pattern in
    which there is no photograph.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = tuple(arguments)
        if self._arguments.count(STANDARD_INPUT) > 1:
            raise RequestError("'-' is given twice, and standard input is read once: keep one of them.")
        for argument in self._arguments:
            if argument != STANDARD_INPUT and next(_of_argument(argument), None) is None:
                raise RequestError(_nothing_in(argument))

    @property
    def is_endless(self) -> bool:
        """Whether how many there are is known only once standard input has ended."""
        return STANDARD_INPUT in self._arguments

    def __iter__(self) -> Iterator[str]:
        """Yield the path of each photograph; of standard input once."""
        for argument in self._arguments:
            if argument == STANDARD_INPUT:
                yield from _of_lines(_standard_input(), "standard input")
            else:
                yield from _of_argument(argument)

    def count_and_width(self) -> tuple[int | None, int]:
        """Return how many there are, None where that is not known, and the length of the longest path."""
        if self.is_endless:
            return None, 0
        count, width = 0, 0
        for path in self:
            count, width = count + 1, max(width, len(path))
        return count, width


def is_photograph_name(path: Path) -> bool:
    """Tell whether a file is a photograph by its name."""
    return path.suffix.lower() in SUFFIXES


def names_photographs(argument: str) -> bool:
    """Tell whether an argument stands for several photographs by its form: a list, a pattern, or standard input."""
    stands_for_others = _is_list(argument) or glob.has_magic(argument)
    return argument == STANDARD_INPUT or (stands_for_others and not os.path.lexists(argument))


def _of_argument(argument: str) -> Iterator[str]:
    if os.path.isdir(argument):  # noqa: PTH112 - a path as it was typed
        yield from _of_folder(argument)
    elif os.path.lexists(argument):
        yield argument
    elif _is_list(argument):
        yield from _of_list(argument.removeprefix(LIST))
    elif glob.has_magic(argument):
        for path in sorted(glob.iglob(argument, recursive=True)):  # noqa: PTH207 - as it was typed
            if not os.path.isdir(path):  # noqa: PTH112
                yield path
    else:
        # Who asks for its answer is told that it is not there.
        yield argument


def _is_list(argument: str) -> bool:
    return argument.startswith(LIST) and len(argument) > len(LIST)


def _of_folder(folder: str) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_system_name(name))
        for name in sorted(files):
            if not is_system_name(name) and is_photograph_name(Path(name)):
                yield os.path.join(root, name)  # noqa: PTH118 - a Path would change what was typed


def _of_list(path: str) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:  # noqa: PTH123
            yield from _of_lines(file, f"'{path}'")
    except OSError as error:
        raise RequestError(f"'@{path}' names a list that cannot be read ({error.strerror}): name a file.") from None


def _standard_input() -> Iterator[str]:
    """Yield the lines of standard input as they come.

    They are read past Python's own buffer: who is stopped while a thread waits for it could not end.
    """
    try:
        number = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        yield from sys.stdin or ()
        return
    rest = b""
    while piece := os.read(number, 1 << 16):
        *lines, rest = (rest + piece).split(b"\n")
        yield from map(os.fsdecode, lines)
    if rest:
        yield os.fsdecode(rest)


def _of_lines(lines: Iterable[str], source: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        name = line.rstrip("\r\n").lstrip("\ufeff")
        if "\0" in name:
            raise RequestError(f"Line {number} of {source} is no path but binary: give a list with a path a line.")
        if name.strip():
            yield from _of_folder(name) if os.path.isdir(name) else (name,)  # noqa: PTH112


def _nothing_in(argument: str) -> str:
    if os.path.isdir(argument):  # noqa: PTH112
        return (
            f"'{argument}' is a folder without a photograph, and neither a run nor a bundle: name one with files such "
            "as .jpg or .png."
        )
    if argument.startswith(LIST):
        return f"'{argument}' is a list without a photograph: give a file with a path a line."
    return f"'{argument}' is a pattern that no file has: name photographs, or a folder of them."
