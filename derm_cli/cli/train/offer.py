"""``derm train`` without a chain: what can be trained here is named, and on a terminal offered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from derm_cli.cli.shared.printing import ask_number, echo
from derm_cli.errors import RequestError, one_line
from derm_cli.invocation import command_line

if TYPE_CHECKING:
    from derm_cli.workflows.session import Session


def with_chain(here: Session, options: dict[str, Any], *, may_ask: bool) -> dict[str, Any]:
    """Return the options with a chain: the one that was given, or that is chosen on the terminal.

    Raises RequestError, with the commands that can be given here, where there is neither.
    """
    if options["chain"] or options["target"]:
        return options
    from derm_cli.workflows.training.suggestions import suggestions

    offered = suggestions(here)
    if not (may_ask and _is_on_a_terminal()):
        lines = "\n".join(f"    {command_line(each.command)}" for each in offered)
        raise RequestError(f"The chain is empty: name datasets by --chain, or a folder by --target, as in\n{lines}")
    echo("What shall be trained?  These can be, here; or name others by --chain, a folder by --target:\n", err=True)
    for number, each in enumerate(offered, 1):
        echo(f"  {number}  {one_line(each.title)}: {command_line(each.command)}", err=True)
    chosen = offered[ask_number("\nNumber", len(offered), default=len(offered)) - 1]
    return {**options, "chain": chosen.chain, "backbone": chosen.backbone}


def _is_on_a_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
