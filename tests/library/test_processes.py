"""A call's process: what it takes with it when it ends without a word, and that it does not outlive its caller."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from derm_cli.errors import DermError
from derm_cli.library import processes
from derm_cli.library.call_options import Surroundings
from derm_cli.library.tasks import Task
from derm_cli.library.telling import Listener


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (
            "import os; os.kill(os.getpid(), 9)",
            "The process that did the work ended by SIGKILL: call it again, or 'derm train --resume' a run. The system "
            "ends so what takes too much memory.",
        ),
        (
            "print('no space'); raise SystemExit(3)",
            "The process that did the work ended with exit status 3; it said last: no space: call it again, or "
            "'derm train --resume' a run.",
        ),
    ],
)
def test_a_process_that_ends_without_a_word_is_told_of(monkeypatch, capfd, program, sentence):
    monkeypatch.setattr(processes, "_PROGRAM", program)
    with pytest.raises(DermError) as caught:
        processes.carry_out(Task("train", (), {}, Surroundings({})), Listener())
    assert str(caught.value) == sentence
    assert capfd.readouterr() == ("", "")


def test_what_was_told_last_is_read_though_the_process_is_gone(monkeypatch):
    """As where what it told needs modules, whose import takes longer than the process's end."""
    telling = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from multiprocessing.connection import Connection\n"
        "from derm_cli.library.tasks import Done\n"
        "class Slow:\n"
        "    def __reduce__(self): return eval, ('__import__(\"time\").sleep(1) or 5',)\n"
        "c = Connection(int(sys.argv[2])); c.recv(); c.send(Done(Slow()))"
    )
    monkeypatch.setattr(processes, "_PROGRAM", telling)
    monkeypatch.setattr(processes, "POLL", 0.05)
    assert processes.carry_out(Task("train", (), {}, Surroundings({})), Listener()) == 5


def test_what_a_listener_raises_ends_the_process(monkeypatch):
    """And that is raised, not what became of the process."""
    telling = (
        "import sys, time; from multiprocessing.connection import Connection as C\n"
        "c = C(int(sys.argv[2])); c.recv(); c.send('look'); time.sleep(60)"
    )
    monkeypatch.setattr(processes, "_PROGRAM", telling)

    def refuse(sentence: str) -> None:
        raise ValueError(sentence)

    with pytest.raises(ValueError, match="look"):
        processes.carry_out(Task("train", (), {}, Surroundings({})), Listener(on_warning=refuse))


def test_the_process_ends_with_its_caller():
    program = (
        "import time; from multiprocessing import Pipe; from threading import Thread\n"
        "from derm_cli.library.serving import _stop_at_the_end_of as stop\n"
        "ours, theirs = Pipe(); Thread(target=stop, args=(theirs,), daemon=True).start(); ours.close(); time.sleep(60)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=50)
    assert done.returncode == -signal.SIGTERM
