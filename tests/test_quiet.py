"""What libraries print is held back, and what derm says meanwhile is not."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.support.terminal import on_a_terminal


def test_what_libraries_print_is_held_back_and_what_comes_after_is_not():
    program = (
        "import os\nfrom derm_cli.quiet import quietly\n"
        "with quietly():\n    print('from Python')\n    os.write(1, b'below')\n    os.write(2, b'below')\n"
        "print('shown')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("shown\n", "")


def test_derm_s_own_warnings_are_shown_while_libraries_are_quiet_whatever_the_streams_are():
    program = (
        "import io, os, sys, threading\nfrom derm_cli.console import warn\nfrom derm_cli.quiet import quietly\n"
        "def noise():\n    with quietly():\n        print('noise'); os.write(2, b'noise'); warn('look')\n"
        "with quietly():\n    threads = [threading.Thread(target=noise) for _ in range(4)]\n"
        "    [each.start() for each in threads]; [each.join() for each in threads]\n    print('still quiet')\n"
        "print('shown', flush=True)\n"
        "sys.stdout = sys.stderr = own = io.StringIO()\nnoise()\n"
        "assert (sys.stdout, own.getvalue()) == (own, 'Warning: look\\n'), own.getvalue()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("shown\n", "Warning: look\n" * 4)


def test_a_bar_is_shown_while_libraries_are_quiet():
    program = (
        "import os, time\nfrom derm_cli.console import progress\nfrom derm_cli.quiet import quietly\n"
        "with quietly():\n    for each in progress(range(3), 'Reading', 3):\n"
        "        os.write(2, b'noise')\n        time.sleep(0.15)"
    )
    shown = on_a_terminal([sys.executable, "-c", program])
    assert re.search(r"Reading: +\d+%", shown), shown
    assert "noise" not in shown


def test_what_is_closed_below_python_is_not_held_back():
    program = "import os; os.close(1); from derm_cli.quiet import quietly\nwith quietly(): os.write(2, b'held back')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
