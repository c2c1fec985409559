"""What a study still needs of the store is used, so that other stages are evicted first."""

from __future__ import annotations

import os

import numpy as np

from derm_cli.runs.stage_store import StageStore
from derm_cli.studies.executing import needed_stages
from derm_cli.studies.executing.needed_stages import BEAT, NeededStages
from derm_cli.studies.planning.graph import work_units

UNITS = work_units({"1": ["e", "ex"], "2": ["e", "ey"], "3": ["h"]})


def grow_old(store: StageStore) -> None:
    for number, entry in enumerate(sorted(store.entries(), key=lambda each: each.used)):
        os.utime(entry.path, (number, number))


def test_what_waits_is_kept_while_others_are_stored(tmp_path):
    store = StageStore(tmp_path, 10**9)
    needed = NeededStages(store)
    store.keep("e", [np.zeros(4)], {"outline": "e"})
    store.limit = 2 * store.entries()[0].bytes + 50
    for number in range(5):
        store.keep(f"other-{number}", [np.zeros(4)], {"outline": f"other-{number}"})
        grow_old(store)
        needed.mark_used(UNITS, at_once=True)
    assert {each.path.stem for each in store.entries()} == {"e", "other-4"}


def test_it_is_looked_at_now_and_then_or_at_once(tmp_path, monkeypatch):
    now, marked = [0.0], []
    monkeypatch.setattr(needed_stages.time, "monotonic", lambda: now[0])
    store = StageStore(tmp_path, 10**9)
    monkeypatch.setattr(store, "mark_used", lambda outlines: marked.append((now[0], outlines)))
    needed = NeededStages(store)
    for time in (0.0, 1.0, BEAT - 1, BEAT, BEAT + 1):
        now[0] = time
        needed.mark_used(UNITS)
    needed.mark_used(UNITS, at_once=True)
    assert marked == [(0.0, {"e"}), (BEAT, {"e"}), (BEAT + 1, {"e"})]


def test_a_disk_that_does_not_answer_ends_no_study(tmp_path, monkeypatch):
    store = StageStore(tmp_path, 10**9)

    def refuse(_):
        raise OSError("stale")

    monkeypatch.setattr(store, "mark_used", refuse)
    NeededStages(store).mark_used(UNITS)
