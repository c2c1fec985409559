"""What goes wrong, said in one sentence that quotes the value and tells what to do next."""

from __future__ import annotations

from collections.abc import Iterable


class DermError(Exception):
    """A mistake that the user can mend: printed as one sentence, without a traceback; exit status 1."""

    exit_status = 1


class RequestError(DermError):
    """The request itself is wrong (an unknown name, an impossible chain): exit status 2, as for wrong usage."""

    exit_status = 2


class SpecError(DermError):
    """A plugin handed over a spec with a wrong field."""


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return the closing words of an error about an unknown ``name``: the nearest of ``choices``, or all of them.

    The result begins with a space, or is empty where there is nothing to choose from.
    """
    import difflib

    known = sorted(choices)
    if not known:
        return ""
    near = difflib.get_close_matches(name.lower(), known, n=2, cutoff=0.6)
    if near:
        return " Did you mean " + " or ".join(f"'{choice}'" for choice in near) + "?"
    return " Known: " + ", ".join(known) + "."
