"""The executor ``local``: processes of this machine."""

from __future__ import annotations

import os
import sys

import pytest

from derm_cli.plugin import Capacity, RequestError, StudyProcess
from derm_executors import local
from derm_executors.local import LOCAL

CORES = len(local.usable_cores())


def process(key, code, folder):
    return StudyProcess(
        key=key,
        command=(sys.executable, "-c", code),
        environment={"DERM_MADE": "yes"},
        log=folder / "logs" / f"{key}.log",
    )


@pytest.fixture
def executor(monkeypatch):
    started = []
    monkeypatch.setattr(local, "accelerators", lambda: [])

    def start(workers=1, cores=1):
        started.append(LOCAL.start(Capacity(workers=workers, cores=cores)))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def until_all_ended(executor, count):
    ends = {}
    while len(ends) < count:
        ends |= {end.key: end.fault for end in executor.ended(10)}
    return ends


def test_a_process_has_its_share_of_the_cores_and_what_it_prints_is_in_its_log(executor, tmp_path):
    here = executor(workers=CORES, cores=1)
    code = "import os; print(len(os.sched_getaffinity(0)), os.environ['DERM_MADE'], sorted(os.sched_getaffinity(0)))"
    for number in range(CORES):
        here.begin(process(f"{number}", code, tmp_path))
    assert until_all_ended(here, CORES) == {f"{number}": "" for number in range(CORES)}
    told = [(tmp_path / "logs" / f"{number}.log").read_text() for number in range(CORES)]
    assert all(text.startswith("1 yes") for text in told)
    assert len(set(told)) == CORES
    # The one who began them keeps all of its own.
    assert len(os.sched_getaffinity(0)) == CORES


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("pass", ""),
        ("raise SystemExit(3)", "its process ended with status 3"),
        (
            "import os; os.kill(os.getpid(), 9)",
            "its process was ended by SIGKILL, as the system does where memory runs",
        ),
        ("import os; os.kill(os.getpid(), 15)", "its process was ended by SIGTERM"),
    ],
)
def test_what_ended_a_process_is_told(executor, tmp_path, code, fault):
    here = executor()
    here.begin(process("0001", code, tmp_path))
    (found,) = until_all_ended(here, 1).values()
    assert found.startswith(fault)
    assert bool(found) == bool(fault)


def test_a_place_is_free_again_once_its_process_has_ended(executor, tmp_path):
    here = executor()
    for _ in range(2):
        here.begin(process("0001", "pass", tmp_path))
        assert until_all_ended(here, 1) == {"0001": ""}


def test_it_stops_a_process_by_closing_its_input(executor, tmp_path):
    here = executor()
    here.begin(process("0001", "import sys; sys.stdin.read(); print('asked to stop')", tmp_path))
    assert here.ended(0) == []
    here.stop()
    assert (tmp_path / "logs" / "0001.log").read_text() == "asked to stop\n"
    assert [end.key for end in here.ended(0)] == ["0001"]


def test_it_kills_what_does_not_stop(executor, tmp_path, monkeypatch):
    monkeypatch.setattr(local, "PATIENCE", 0.3)
    here = executor()
    here.begin(process("0001", "import time; time.sleep(60)", tmp_path))
    here.stop()
    (end,) = here.ended(0)
    assert "SIGKILL" in end.fault


def test_each_process_has_a_gpu_of_its_own_where_there_are_some(executor, tmp_path, monkeypatch):
    monkeypatch.setattr(local, "accelerators", lambda: ["0", "3"])
    here = local.LocalExecutor(Capacity(workers=2, cores=1))
    for key in ("a", "b"):
        here.begin(process(key, "import os; print(os.environ['CUDA_VISIBLE_DEVICES'])", tmp_path))
    until_all_ended(here, 2)
    assert sorted((tmp_path / "logs" / f"{key}.log").read_text().strip() for key in ("a", "b")) == ["0", "3"]


@pytest.mark.parametrize(
    ("cores", "fit", "asked", "expected"),
    [
        (8, 2, Capacity(), (2, 4)),
        (8, 2, Capacity(workers=4), (4, 2)),
        (8, 4, Capacity(cores=3), (2, 3)),
        (8, 4, Capacity(cores=1), (4, 1)),
        (8, 2, Capacity(workers=2, cores=1), (2, 1)),
        (8, 2, Capacity(cores=8, workers=1), (1, 8)),
        (1, 3, Capacity(), (1, 1)),
    ],
)
def test_what_there_will_be(monkeypatch, cores, fit, asked, expected):
    monkeypatch.setattr(local, "usable_cores", lambda: list(range(cores)))
    monkeypatch.setattr(local, "workers_that_fit", lambda: fit)
    found = LOCAL.capacity(asked)
    assert (found.workers, found.cores) == expected


@pytest.mark.parametrize(
    ("asked", "fewer"),
    [
        (Capacity(workers=9), Capacity(workers=8)),
        (Capacity(workers=2, cores=5), Capacity(workers=1, cores=5)),
        (Capacity(workers=1, cores=9), Capacity(workers=1, cores=8)),
        (Capacity(cores=9), Capacity(workers=1, cores=8)),
    ],
)
def test_more_than_there_is_is_refused_with_what_there_is(monkeypatch, asked, fewer):
    monkeypatch.setattr(local, "usable_cores", lambda: list(range(8)))
    options = f"--workers {fewer.workers}" + (f" --cores {fewer.cores}" if asked.cores > 8 else "")
    said = f"are more than the 8 cores of this machine: give fewer, as in {options}."
    with pytest.raises(RequestError, match=said):
        LOCAL.capacity(asked)
    LOCAL.capacity(fewer)
