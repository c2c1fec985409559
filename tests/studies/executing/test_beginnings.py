"""A shared beginning: whatever studies are at it, one process trains it, and the others wait for what it stores."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from derm_cli.runs.stage_store import StageStore
from derm_cli.studies.executing import beginnings
from derm_cli.studies.executing.beginnings import train_beginning
from derm_cli.studies.executing.taking import InTraining
from derm_cli.workflows.training.request import TrainRequest

REQUEST = TrainRequest.from_options(backbone="made", chain=("clinic",))


@dataclass
class Place:
    """A cache folder, and what is trained into its store: ``trained`` has a folder and its last stage."""

    root: Path
    trained: list[tuple[str, int]] = field(default_factory=list)
    locks: list[set[str]] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    hold: threading.Event = field(default_factory=threading.Event)

    @property
    def store(self) -> StageStore:
        return StageStore(self.root / "cache", 10**9)

    def train(self, study: str, outlines: tuple[str, ...], patience: float = 20) -> None:
        session = SimpleNamespace(settings=SimpleNamespace(cache_folder=self.root / "cache", cache_limit_bytes=10**9))
        folder = RunFolder(self.root / study / outlines[-1])
        train_beginning(session, REQUEST, len(outlines) - 1, folder, outlines=outlines, patience=patience)

    def train_stages(self, session, request, until, folder):
        assert request == REQUEST
        self.locks.append({path.name for path in self.store.folder.glob(".*.lock")})
        self.begun.set()
        assert self.hold.wait(20)
        self.trained.append((str(folder.path.relative_to(self.root)), until))
        self.store.keep(folder.path.name, [np.zeros(2)], {"outline": folder.path.name})


@pytest.fixture
def place(tmp_path, monkeypatch) -> Place:
    here = Place(tmp_path)
    here.hold.set()
    monkeypatch.setattr(beginnings, "train_stages", here.train_stages)
    return here


def test_a_beginning_is_trained_behind_the_locks_of_its_stages_which_go(place):
    place.train("one", ("e", "ed"))
    assert place.trained == [("one/ed", 1)]
    assert place.locks == [{".e.lock", ".ed.lock"}]
    assert not list(place.store.folder.glob(".*.lock"))


@pytest.mark.parametrize(
    ("first", "second", "trained"),
    [
        # The same beginning in two studies.
        (("e",), ("e",), [("one/e", 0)]),
        # The other's goes on from it.
        (("e",), ("e", "ed"), [("one/e", 0), ("two/ed", 1)]),
    ],
)
def test_of_two_studies_at_once_the_second_waits_for_what_the_first_stores(place, caplog, first, second, trained):
    place.hold.clear()
    one = threading.Thread(target=place.train, args=("one", first))
    one.start()
    assert place.begun.wait(20)
    two = threading.Thread(target=place.train, args=("two", second))
    two.start()
    until = time.monotonic() + 20
    while "what it stores is waited for" not in caplog.text:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert not place.trained
    place.hold.set()
    for thread in (one, two):
        thread.join(20)
    assert place.trained == trained


def test_beginnings_that_have_nothing_in_common_are_trained_at_once(place):
    place.hold.clear()
    threads = [threading.Thread(target=place.train, args=(study, (study[0],))) for study in ("edra", "ham")]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 20
    while len(place.locks) < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
    place.hold.set()
    for thread in threads:
        thread.join(20)
    assert sorted(place.trained) == [("edra/e", 0), ("ham/h", 0)]


def test_one_that_is_trained_for_too_long_is_told_of_with_its_lock(place):
    place.hold.clear()
    one = threading.Thread(target=place.train, args=("one", ("e",)))
    one.start()
    assert place.begun.wait(20)
    with pytest.raises(InTraining, match=r"another process trains the same stages, and holds '.*/stages/\.e\.lock'"):
        place.train("two", ("e",), patience=0.05)
    place.hold.set()
    one.join(20)


def test_what_another_has_stored_meanwhile_is_used_and_what_was_half_done_goes(place):
    place.train("one", ("e",))
    half = RunFolder(place.root / "two" / "e")
    half.write(RunRecord(status="interrupted", request={}))
    place.train("two", ("e",))
    assert place.trained == [("one/e", 0)]
    assert not half.path.exists()


def test_it_waits_until_a_lost_process_of_its_folder_is_known_to_be_gone(place, monkeypatch):
    folder = RunFolder(place.root / "one" / "e")
    folder.write(RunRecord(status="interrupted", request={}))
    waited = []
    monkeypatch.setattr(beginnings, "await_end", lambda run, patience: waited.append((run.path, patience)))
    place.train("one", ("e",), patience=7)
    assert waited == [(folder.path, 7)]
    assert place.trained == [("one/e", 0)]


def test_where_the_cache_cannot_be_written_it_is_trained_all_the_same(place, monkeypatch):
    """Nothing will be stored there: what each training then does."""
    (place.root / "cache").write_text("no folder")
    monkeypatch.setattr(beginnings, "train_stages", lambda *_: place.trained.append(("trained", 0)))
    place.train("one", ("e",))
    assert place.trained == [("trained", 0)]
