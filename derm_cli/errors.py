"""What goes wrong, said in one sentence that quotes the value and tells what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 2400
_LINE_OF_A_NAME = re.compile(r"\n(?! {4})")


class DermError(Exception):
    """A mistake that the user can mend: printed as one sentence, without a traceback; exit status 1.

    What it quotes may be anything: what a terminal would not show as it is is escaped, line ends too but for those
    before indented lines, which show a layout; and of a sentence of more than 2,400 characters the middle is left out.
    """

    exit_status = 1

    def __init__(self, sentence: str = "") -> None:
        sentence = printable(_LINE_OF_A_NAME.sub("\\\\n", sentence))
        if len(sentence) > LONGEST:
            sentence = f"{sentence[: LONGEST // 2]} … {sentence[-LONGEST // 2 :]}"
        super().__init__(sentence)


class RequestError(DermError):
    """The request itself is wrong (an unknown name, an impossible chain): exit status 2, as for wrong usage."""

    exit_status = 2


class Interrupted(DermError):
    """The user, or a signal, stopped what can be gone on with; a signal's exit status is 128 and its number."""

    def __init__(self, sentence: str = "", exit_status: int = 1) -> None:
        super().__init__(sentence)
        self.exit_status = exit_status


class SpecError(DermError):
    """A plugin handed over a spec with a wrong field."""


_RAISED = re.compile(r"(?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt): ?(.*)")
"""The line of a traceback that names what was raised."""
_SAYS_NOTHING = re.compile(
    r"$|in user code:|Traceback \(most recent call last\):|File \"|<stack traces unavailable>|Graph execution error:"
    r"|Detected at node |Exception encountered when calling |A total of \d+ objects could not be loaded"
)
"""How lines begin that tell where something failed, not what did: of tracebacks, AutoGraph, TensorFlow and Keras."""
_PLACE = re.compile(r"(Could not translate MLIR to FlatBuffer\.)?<unknown>:0: error: (loc\(.*\): )?")
"""Where the compiler MLIR says that a fault is, before it says which."""
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def first_line(error: object, longest: int = 160) -> str:
    """Return the first line of what an error of a library says that says something, cut to ``longest`` characters.

    Where it begins with a traceback, that is what was raised last; where nothing is said, the error's type.
    """
    lines = [line.strip() for line in _STYLE.sub("", str(error)).splitlines()]
    if lines and lines[0].startswith(("in user code:", "Traceback ")):
        raised = [(number, match[1]) for number, line in enumerate(lines) if (match := _RAISED.match(line))]
        if raised:
            number, said = raised[-1]
            lines = [said, *lines[number + 1 :]]
    telling = (_PLACE.sub("", line) for line in lines if not _SAYS_NOTHING.match(line))
    line = next(telling, next(filter(None, lines), ""))
    return line[:longest] if line else type(error).__name__


def printable(text: str) -> str:
    """Return ``text`` with escapes in the place of what is not to be printed: a name could command the terminal."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text
    )


def one_line(text: str) -> str:
    """Return ``text`` as :func:`printable` does, with an escape for each new line too: for a cell of a table."""
    return printable(text).replace("\n", "\\n")


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return the closing words of an error about an unknown ``name``: the nearest of ``choices``, or all of them.

    The result begins with a space, or is empty where there is nothing to choose from.
    """
    import difflib

    names = sorted(choices)
    if not names:
        return ""
    by_lower_case = {choice.lower(): choice for choice in names}
    near = [
        by_lower_case[each] for each in difflib.get_close_matches(name.lower(), list(by_lower_case), n=2, cutoff=0.6)
    ]
    if near:
        return " Did you mean " + " or ".join(f"'{choice}'" for choice in near) + "?"
    return " Known: " + ", ".join(names) + "."
