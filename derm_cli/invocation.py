"""How derm was called, so that the commands in its messages can be pasted: they name the same folders and settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

QUOTED_COMMAND = re.compile(r"(?<=['`])derm (?=[a-z])(?![a-z-]+' has no )")
"""A command of derm in a message, as in: go on with 'derm train --resume RUN'.

One that is spoken of, as in "'derm train' has no option 'epoch'", is not to be pasted.
"""


@dataclass
class _Invocation:
    """What stands in a command before ``derm``, and between it and the name of the command."""

    variables: str = ""
    options: str = ""


_current = _Invocation()


@contextmanager
def invoked(options: Mapping[str, str | None], configured: str | None = None) -> Iterator[None]:
    """Have commands in messages repeat, in a ``with`` block, how this call was made.

    ``options`` are those before the command's name, by name, and ``configured`` is ``DERM_CONFIG``; what is empty was
    not given.
    """
    before = _Invocation(_current.variables, _current.options)
    _current.variables = f"DERM_CONFIG={shlex.quote(configured)} " if configured else ""
    _current.options = "".join(f"--{name} {shlex.quote(value)} " for name, value in options.items() if value)
    try:
        yield
    finally:
        _current.variables, _current.options = before.variables, before.options


def pasteable(message: str) -> str:
    """Return ``message`` with what this call was given in each quoted command of derm.

    Messages are written without it: they are stored in records and logs too, which are read elsewhere.
    """
    return QUOTED_COMMAND.sub(lambda _: command_line(""), message)


def command_line(command: str) -> str:
    """Return ``command``, such as ``train --resume RUN``, as a command of derm with what this call was given."""
    return f"{_current.variables}derm {_current.options}{command}"
