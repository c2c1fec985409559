"""One way from a function of the library to its work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derm_cli.library.call_options import Surroundings
from derm_cli.library.plain_values import plain_options, plain_value
from derm_cli.library.processes import carry_out
from derm_cli.library.run import Run
from derm_cli.library.tasks import Task
from derm_cli.library.telling import Listener


def call(work: str, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Any, Surroundings]:
    """Have ``work`` done with these arguments and options, and return its result, and what surrounded it.

    Where an argument is a run, folders and settings that are not given are those by which it was made.
    """
    given = dict(options)
    made_by = next((each.surroundings for each in arguments if isinstance(each, Run)), None)
    surroundings = Surroundings.taken_from(given, made_by)
    with Listener.taken_from(given) as listener:
        plain = tuple(plain_value("the argument", each) for each in arguments)
        task = Task(work, plain, plain_options(given), surroundings, listener.wants_progress)
        return carry_out(task, listener), surroundings
