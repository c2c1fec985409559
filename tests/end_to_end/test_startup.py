"""What the lightest commands import.  How long they take is measured by ``make bench``."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "keras", "pandas", "sklearn", "numpy", "PIL", "jax", "matplotlib")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["plugins", "list"], ["plugins"], ["train", "--help"], ["export", "--help"]]
)
def test_nothing_heavy_is_imported(arguments):
    program = (
        "import sys\nfrom derm_cli.cli import cli\n"
        f"try:\n    cli({arguments!r})\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_the_installed_command_starts():
    command = [str(sys.executable).replace("python3", "python").rpartition("/")[0] + "/derm", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("derm 0.")
