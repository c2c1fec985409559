"""What a node does for a study, without Ray."""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import replace

import pytest

from derm_cli.plugin import StudyProcess
from derm_ray import tasks
from derm_ray.data_listing import listing_of
from derm_ray.tasks import ATTEMPTS, Seen, attempts_of, carry_out, seen_here


def process(folder, code, **environment) -> StudyProcess:
    return StudyProcess(
        key="0001", command=(sys.executable, "-c", code), environment=environment, log=folder / "logs" / "0001.log"
    )


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("print('said')", ""),
        ("raise SystemExit(3)", "its process ended with status 3, on far"),
        (
            "import os; os.kill(os.getpid(), 9)",
            "its process was ended by SIGKILL, as the system does where memory runs out, on far",
        ),
    ],
)
def test_what_ended_a_process_is_told_with_its_node(tmp_path, code, fault):
    begun = process(tmp_path, code)
    assert carry_out(begun, 1, "far") == fault
    assert attempts_of(begun.log) == ["far"]
    assert fault or begun.log.read_text() == "said\n"


def test_it_has_its_cores_and_the_variables_of_the_study_not_ray_s(tmp_path, monkeypatch):
    code = "import os; print(len(os.sched_getaffinity(0)), os.environ.get('OMP_NUM_THREADS'), os.environ['DERM_MADE'])"
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for number, given in enumerate(({}, {"OMP_NUM_THREADS": "3"})):
        folder = tmp_path / f"{number}"
        assert carry_out(process(folder, code, DERM_MADE="yes", **given), 1, "far") == ""
        assert (folder / "logs" / "0001.log").read_text() == f"1 {given.get('OMP_NUM_THREADS')} yes\n"


def test_one_that_is_lost_again_and_again_is_given_up(tmp_path):
    """Ray itself begins it without end where it ends what takes a node's memory."""
    begun = process(tmp_path, "pass")
    for number in range(ATTEMPTS):
        assert carry_out(begun, 1, f"node {number % 2}") == ""
    fault = carry_out(begun, 1, "node 0")
    assert fault == "Ray lost it 4 times, on node 0, node 1, as it does where a node's memory runs out"
    assert len(attempts_of(begun.log)) == ATTEMPTS


def test_where_it_is_cancelled_the_process_is_told_to_stop(tmp_path, monkeypatch):
    begun = process(tmp_path, "import sys; sys.stdin.read(); print('stopped')")
    sleeping = time.monotonic() + 0.1

    class Cancelled(tasks.subprocess.Popen):
        def wait(self, timeout=None):
            if timeout == tasks.POLL and time.monotonic() > sleeping:
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr("derm_executors.processes.subprocess.Popen", Cancelled)
    assert carry_out(begun, 1, "far") == ""
    assert begun.log.read_text() == "stopped\n"


def test_where_derm_is_not_installed_the_node_is_named(tmp_path):
    begun = StudyProcess(key="1", command=("/no/python",), environment={}, log=tmp_path / "1.log")
    assert "it could not be begun on far" in carry_out(begun, 1, "far")


def test_how_a_node_sees_folders(tmp_path):
    (tmp_path / "marker").write_text("a token")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").touch()
    data, marker, gone = (str(tmp_path / name) for name in ("data", "marker", "gone"))
    own = listing_of(tmp_path / "data")
    listings = [(data, own), (gone, own), (gone, None), (data, replace(own, names=own.names | {"b.jpg"}))]
    assert seen_here([marker, gone], listings, [marker, gone], sys.executable) == Seen(
        ["a token", ""],
        ["", f"lacks '{gone}'", "", f"lacks '{data}/b.jpg'"],
        [hashlib.sha256(b"a token").hexdigest(), ""],
        True,
    )
    assert not seen_here([], [], [], gone).has_program
