"""A real terminal for programs that look whether there is one."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path


def on_a_terminal(
    command: Sequence[str | Path],
    environment: dict[str, str] | None = None,
    *,
    columns: int = 120,
    output: bool = False,
) -> str:
    """Run ``command`` with a terminal as its standard error and return all that it showed there.

    ``output`` makes it its standard output too.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (30, columns))
    variables = {**os.environ, "TERM": "xterm", **(environment or {})}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=theirs if output else subprocess.DEVNULL,
        stderr=theirs,
        env=variables,
    )
    os.close(theirs)
    shown = bytearray()
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        # Linux says so when the last program has closed its side.
        pass
    finally:
        os.close(ours)
    assert process.wait() == 0, shown.decode(errors="replace")
    return shown.decode(errors="replace")
