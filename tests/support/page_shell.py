"""A shell in which a page's commands are run, whose ``derm`` is called in this process.

To start Python and a framework for each command would take most of the time.  So ``derm`` on the shell's path is a
small program that hands its arguments, its folder and its variables over a socket, and gets back what was printed.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from derm_cli.cli import cli

CLIENT = """#!{python} -SE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as ours:
    ours.connect({address!r})
    asked = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "variables": dict(os.environ)}}
    ours.sendall(json.dumps(asked).encode() + b"\\n")
    said = json.loads(ours.makefile("rb").readline())
sys.stderr.write(said["errors"])
sys.stdout.write(said["output"])
sys.exit(said["status"])
"""
OURS = ("DERM_", "COLUMNS", "HOME", "XDG_", "MLFLOW_", "WANDB_", "NO_COLOR")
"""The variables that a command is told: those by which a page's reader changes what derm does."""


class PageShell:
    """Runs the commands of one page, one block after the other, in ``folder``; variables are kept from block to block.

    ``change`` is given the arguments of each call of derm, and returns those with which it is called.
    """

    def __init__(
        self, folder: Path, tools: Path, variables: Mapping[str, str], change: Callable[[list[str]], list[str]] = list
    ) -> None:
        self.folder, self._change = folder, change
        self._kept = tools / "variables.sh"
        self._kept.write_text("")
        self._address = str(tools / "socket")
        program = tools / "derm"
        program.write_text(CLIENT.format(python=sys.executable, address=self._address))
        program.chmod(0o755)
        # 'python' and the like are those of the environment that derm is installed in, as after its activation.
        path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
        self._variables = {**os.environ, **variables, "PATH": path}

    def run(self, code: str) -> tuple[int, str]:
        """Run a block; return its exit status, and what it printed.  It ends where a command fails."""
        script = f"set -a; . {self._kept}; set -euo pipefail\n{code}\n"
        # Variables alone, not what a program in this process has set meanwhile.
        script += f"declare -px | grep -v 'declare -x PATH=' > {self._kept}\n"
        with socket.socket(socket.AF_UNIX) as server, (self._kept.with_suffix(".out")).open("w+b") as shown:
            Path(self._address).unlink(missing_ok=True)
            server.bind(self._address)
            server.listen()
            shell = subprocess.Popen(
                ["bash", "-c", script],
                cwd=self.folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=shown,
                stderr=subprocess.STDOUT,
            )
            try:
                self._serve(server, shell)
            except BaseException:
                shell.kill()
                shell.wait()
                raise
            shown.seek(0)
            return shell.wait(), shown.read().decode(errors="replace")

    def _serve(self, server: socket.socket, shell: subprocess.Popen[bytes]) -> None:
        """Answer calls until the shell has ended; in this thread, since derm listens to signals."""
        with selectors.DefaultSelector() as waiting:
            waiting.register(server, selectors.EVENT_READ)
            while shell.poll() is None:
                for _ in waiting.select(timeout=0.02):
                    with server.accept()[0] as call:
                        asked = json.loads(call.makefile("rb").readline())
                        call.sendall(json.dumps(self._answer(asked)).encode() + b"\n")

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        variables = {name: value for name, value in asked["variables"].items() if name.startswith(OURS)}
        with chdir(asked["folder"]):
            result = CliRunner().invoke(cli, self._change(asked["arguments"]), env=variables)
        errors = result.stderr
        if result.exception and not isinstance(result.exception, SystemExit):
            errors += f"\n{result.exception!r}\n"
        return {"output": result.stdout, "errors": errors, "status": result.exit_code}
