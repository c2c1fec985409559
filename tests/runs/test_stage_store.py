import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import numpy as np
import pytest
from filelock import FileLock

from derm_cli import __version__
from derm_cli.runs import array_store as module
from derm_cli.runs import stage_store
from derm_cli.runs.array_store import CacheEntry, surplus
from derm_cli.runs.stage_store import StageStore
from tests.support.full_disk import fill_disk

KIB = 2**10
FACTS = {"backbone": "effnet-b3", "chain": ["imagenet", "edra"], "classes": 7, "run": "20260101-000000-abcd"}


def stage(number, kib=10):
    """The arrays of a stage that takes a little more than ``kib`` KiB."""
    return [np.full(kib * KIB, number, np.uint8), np.uint32(number) * np.ones((), np.uint32)]


@pytest.fixture
def store(tmp_path):
    return StageStore(tmp_path, 35 * KIB)


def keys(store):
    return [each.path.stem for each in store.entries()]


def last_used(store, key, seconds):
    os.utime(store.folder / f"{key}.bin", (seconds, seconds))


def test_a_stage_comes_back_with_its_facts(store):
    store.keep("a", stage(1), FACTS)
    found = store.find("a")
    assert [each.tobytes() for each in found.arrays] == [each.tobytes() for each in stage(1)]
    assert found.facts.items() >= FACTS.items()
    assert found.facts["derm"] == __version__
    made = datetime.fromisoformat(found.facts["created"])
    assert abs((datetime.now(UTC) - made).total_seconds()) < 60
    assert store.find("b") is None


def test_a_store_that_is_not_there_is_empty(tmp_path):
    store = StageStore(tmp_path / "nowhere", KIB)
    assert store.find("a") is None
    assert store.entries() == []
    assert not (tmp_path / "nowhere").exists()


def test_keeping_again_is_harmless_and_counts_as_use(store):
    store.keep("a", stage(1), FACTS)
    last_used(store, "a", 1)
    store.keep("a", stage(1), {"run": "another"})
    assert store.find("a").facts["run"] == FACTS["run"]
    assert time.time() - store.entries()[0].used < 60


def test_the_least_recently_used_go_first(store):
    for number, key in enumerate("abc"):
        store.keep(key, stage(number), FACTS)
        last_used(store, key, 100 + number)
    assert store.find("a") is not None
    store.keep("d", stage(3), FACTS)
    assert keys(store) == ["a", "c", "d"]
    store.keep("e", stage(4, kib=20), FACTS)
    assert keys(store) == ["d", "e"]


def test_the_one_just_stored_stays_though_others_were_used_later(store):
    for key in "abc":
        store.keep(key, stage(1), FACTS)
        last_used(store, key, time.time() + 1000)
    store.keep("d", stage(4), FACTS)
    assert "d" in keys(store)
    assert len(keys(store)) == 3


def test_one_that_is_larger_than_the_limit_is_not_kept(store, capsys):
    store.keep("a", stage(1), FACTS)
    store.keep("b", stage(2, kib=40), FACTS)
    assert keys(store) == ["a"]
    assert "0.0 MB was not stored, for all stages may take 0.0 MB: raise 'cache_limit'" in capsys.readouterr().err


def test_a_limit_of_nothing_keeps_nothing_silently(tmp_path, capsys):
    StageStore(tmp_path, 0).keep("a", stage(1), FACTS)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", [lambda raw: raw[:-1], lambda raw: raw[:-1] + b"?", lambda raw: b""])
def test_a_damaged_one_is_named_removed_and_not_there(store, damage, capsys):
    store.keep("a", stage(1), FACTS)
    path = store.folder / "a.bin"
    path.write_bytes(damage(path.read_bytes()))
    assert store.find("a") is None
    assert f"The stored stage '{path}' is damaged: it is removed" in capsys.readouterr().err
    assert keys(store) == []
    store.keep("a", stage(1), FACTS)
    assert store.find("a") is not None


def test_one_that_cannot_be_read_is_named_and_not_there(store, capsys):
    (store.folder / "a.bin").mkdir(parents=True)
    assert store.find("a") is None
    assert "a.bin' cannot be read (Is a directory)" in capsys.readouterr().err


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_full_disk_ends_no_run(store, monkeypatch, capsys, after):
    store.keep("a", stage(1), FACTS)
    fill_disk(monkeypatch, after)
    store.keep("b", stage(2), FACTS)
    assert "was not stored" in (said := capsys.readouterr().err)
    assert "No space left on device" in said
    assert sorted(path.name for path in store.folder.iterdir()) == ["a.bin", "stages.lock"]


def test_a_folder_without_permission_ends_no_run(tmp_path, capsys):
    (tmp_path / "stages").write_text("a file, no folder")
    StageStore(tmp_path, KIB).keep("a", stage(1), FACTS)
    assert "was not stored" in capsys.readouterr().err


def test_a_store_that_stays_locked_ends_no_run(store, monkeypatch, capsys):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    store.folder.mkdir()
    with FileLock(store.lock):
        store.keep("a", stage(1), FACTS)
    assert "was not stored" in capsys.readouterr().err
    store.keep("a", stage(1), FACTS)
    assert keys(store) == ["a"]


def test_what_a_killed_process_left_takes_no_room(store):
    store.folder.mkdir()
    (store.folder / ".x.1.part.bin").write_bytes(b"half")
    assert store.entries() == []
    store.keep("a", stage(1), FACTS)
    assert sorted(path.name for path in store.folder.iterdir()) == ["a.bin", "stages.lock"]


def test_surplus_is_the_oldest_and_no_more_than_must_go(tmp_path):
    entries = [CacheEntry(tmp_path / str(used), 10, used) for used in (3, 1, 2)]

    def gone(limit):
        return [each.used for each in surplus(entries, limit)]

    assert gone(30) == []
    assert gone(29) == [1]
    assert gone(20) == [1]
    assert gone(0) == [1, 2, 3]
    assert surplus([], 0) == []


# Two processes on one store.

SHARING = """
import random, sys, time
from pathlib import Path
import numpy as np
from derm_cli.runs.stage_store import StageStore

draw, store, limit = random.Random(int(sys.argv[2])), StageStore(Path(sys.argv[1]), int(sys.argv[3])), int(sys.argv[3])
kept = found = missed = 0
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + 3
while time.monotonic() < end:
    number = draw.randrange(12)
    key = f"stage{number}"
    if draw.random() < 0.4:
        store.keep(key, [np.full(300_000, number, np.uint32), np.full((), number, np.uint32)], {"number": number})
        kept += 1
    stage = store.find(key)
    if stage is None:
        missed += 1
        continue
    assert stage.facts["number"] == number
    assert [each.shape for each in stage.arrays] == [(300_000,), ()]
    assert all((each == number).all() for each in stage.arrays)
    found += 1
print(kept, found, missed)
"""


def test_two_processes_on_one_store_do_each_other_no_harm(tmp_path):
    limit = 5_000_000
    sharers = [
        subprocess.Popen(
            [sys.executable, "-c", SHARING, tmp_path, str(number), str(limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for each in sharers:
        assert each.stdout.readline() == "ready\n"
    for each in sharers:
        each.stdin.write("go\n")
        each.stdin.flush()
    ended = [each.communicate() for each in sharers]
    assert [each.returncode for each in sharers] == [0, 0], ended
    for said, warned in ended:
        kept, found, missed = map(int, said.split())
        assert min(kept, found, missed) > 5, "each kept, found, and missed what was evicted"
        assert warned == ""
    store = StageStore(tmp_path, limit)
    assert 0 < sum(each.bytes for each in store.entries()) <= limit
    assert all(store.find(key) is not None for key in keys(store))


def test_stages_are_known_by_their_outlines_where_these_could_be_told(tmp_path):
    store = StageStore(tmp_path, 10**9)
    assert store.outlines() == {}
    for key, facts in (("a", {"outline": "x"}), ("b", {"outline": ""}), ("c", {}), ("d", {"outline": "y"})):
        store.keep(key, stage(1), FACTS | facts)
    (tmp_path / "stages" / "d.bin").write_bytes(b"damaged")
    assert store.outlines() == {"x": (tmp_path / "stages" / "a.bin").stat().st_size}


def test_stages_that_will_be_needed_are_used_so_that_others_go(tmp_path):
    store = StageStore(tmp_path, 10**9)
    for number, key in enumerate("abc"):
        store.keep(key, stage(1), FACTS | {"outline": f"outline of {key}"})
        os.utime(tmp_path / "stages" / f"{key}.bin", (number, number))
    assert store.mark_used({"outline of a", "outline of nothing"}) == {"outline of a"}
    store.limit = store.entries()[0].bytes * 2
    store.keep("d", stage(1), FACTS)
    assert set(keys(store)) == {"a", "d"}


def test_each_stored_stage_is_opened_once_for_its_outline(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(stage_store, "read_header", lambda path: opened.append(path.stem) or {"outline": path.stem})
    store = StageStore(tmp_path, 10**9)
    for key in "ab":
        store.keep(key, stage(1), FACTS)
        assert store.mark_used({key}) == {key}
    assert opened == ["a", "b"]


KILLED = """
import sys
from pathlib import Path
import numpy as np
from derm_cli.runs.stage_store import StageStore

store, number = StageStore(Path(sys.argv[1]), 10**9), 0
while True:
    number += 1
    store.keep(f"stage{number}", [np.full(500_000, number, np.uint32)], {})
    print(number, flush=True)
"""


def test_a_killed_process_leaves_whole_stages_and_no_lock(tmp_path):
    store = StageStore(tmp_path, 10**9)
    for attempt in range(4):
        with subprocess.Popen([sys.executable, "-c", KILLED, tmp_path], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline()
            time.sleep(0.017 * attempt)
            process.kill()
        for key in keys(store):
            (found,) = store.find(key).arrays
            assert (found == int(key.removeprefix("stage"))).all()
    store.keep("after", stage(1), FACTS)
    assert "after" in keys(store)
