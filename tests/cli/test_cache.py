"""``derm cache``: what lies in the cache, and what goes when it is cleaned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from derm_cli.cli.cache import KINDS
from derm_cli.data.packing.pack import pack
from derm_cli.plan import Preprocessing
from derm_cli.runs.feature_store import FeatureStore
from derm_cli.runs.stage_store import StageStore
from derm_cli.workflows import cache as workflow

HOUR = 3600


def used(path, seconds):
    """Note that a file was last used so many seconds ago."""
    at = time.time() - seconds
    os.utime(path, (at, at))


@pytest.fixture
def cache(place) -> Path:
    """Two packs, two stages and two programs; the first of each was last used a day ago, the second an hour ago."""
    folder = place.root / "cache"
    photographs = [place.root / f"{number}.png" for number in range(3)]
    for number, path in enumerate(photographs):
        Image.new("RGB", (40, 40), (number, 0, 0)).save(path)
    store = StageStore(folder, 10**9)
    for age, (count, size), name in ((24 * HOUR, (2, 32), "first"), (HOUR, (3, 48), "second")):
        there = set(folder.glob("packs/*.jsonl"))
        pack(photographs[:count], Preprocessing(size=size), folder, "made")
        (notes,) = set(folder.glob("packs/*.jsonl")) - there
        used(notes, age)
        facts = {"backbone": "effnet-b3", "chain": ["imagenet", name], "classes": 7, "run": f"run-{name}"}
        facts["history"] = ["what goes on with a run needs, and no listing"]
        store.keep(name, [np.zeros(2000, np.uint8)], facts)
        used(folder / "stages" / f"{name}.bin", age)
        program = folder / "programs" / name / "program.pb"
        program.parent.mkdir(parents=True)
        program.write_bytes(b"0" * 1000)
        used(program, age)
    return folder


def left(place):
    return [(each["kind"], each.get("photographs") or each["name"]) for each in place.json("cache", "list")["entries"]]


ALL = [("packs", 2), ("packs", 3), ("stages", "first"), ("stages", "second"), ("programs", "programs")]


@pytest.fixture
def features(cache) -> FeatureStore:
    """Two files of features, the first last used a day ago, the second an hour ago."""
    store = FeatureStore(cache, 10**9)
    for age, name in ((24 * HOUR, "old"), (HOUR, "new")):
        facts = {
            "backbone": "effnet-b3",
            "weights": "imagenet",
            "photographs": 479,
            "features": 4,
            "run": f"run-{name}",
        }
        store.keep(name, [np.zeros((479, 4), np.float32)], facts)
        used(cache / "features" / f"{name}.bin", age)
    return store


def test_features_are_listed_with_their_facts(place, features):
    (old, _) = (each for each in place.json("cache")["entries"] if each["kind"] == "features")
    assert set(old) == {"kind", "name", "bytes", "used", *workflow.FEATURE_FACTS}
    assert (old["backbone"], old["weights"], old["photographs"], old["features"]) == ("effnet-b3", "imagenet", 479, 4)
    said = place.derm("cache", "list").stdout
    assert "features of 479 photographs, effnet-b3 from imagenet, by run run-new" in said


def test_features_are_held_to_the_setting_apart_from_stages(place, features):
    assert place.derm("cache", "clean").stdout == "There is nothing to remove.\n"
    said = place.json("cache", "clean", "--kind", "features", "--yes", DERM_CACHE_LIMIT="9 KB")
    assert [(each["kind"], each["name"]) for each in said["removed"]] == [("features", "old")]
    said = place.json("cache", "clean", "--yes", DERM_CACHE_LIMIT="3 KB")
    removed = [(each["kind"], each["name"]) for each in said["removed"]]
    assert removed == [("stages", "first"), ("features", "new")]


def test_features_that_a_process_is_writing_are_left(place, features):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, features.lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        said = place.derm("cache", "clean", "--kind", "features", "--all", "--yes").stdout
        holder.communicate("done\n")
    assert "Left what a running process is writing: 2 of features" in said
    place.derm("cache", "clean", "--kind", "features", "--all", "--yes")
    assert [each for each in left(place) if each[0] == "features"] == []


def test_the_kinds_are_the_workflow_s():
    assert tuple(workflow.FINDERS) == KINDS


def test_every_entry_is_listed_with_its_facts(place, cache):
    listed = place.json("cache")
    assert sorted(left(place)) == sorted(ALL)
    by_name = {(each["kind"], each.get("photographs") or each["name"]): each for each in listed["entries"]}
    packed, stage, programs = by_name["packs", 3], by_name["stages", "first"], by_name["programs", "programs"]
    assert packed["size"] == 48
    assert 3 * 48 * 48 * 3 < packed["bytes"] < 3 * 48 * 48 * 3 + 5000
    assert (stage["backbone"], stage["chain"], stage["classes"]) == ("effnet-b3", ["imagenet", "first"], 7)
    assert set(stage) == {"kind", "name", "bytes", "used", *workflow.STAGE_FACTS}
    assert (programs["programs"], programs["bytes"]) == (2, 2000)
    ago = [(datetime.now(UTC) - datetime.fromisoformat(each["used"])).total_seconds() for each in (stage, packed)]
    assert ago == pytest.approx([24 * HOUR, HOUR], abs=120)
    assert listed["bytes"] == sum(each["bytes"] for each in listed["entries"])
    assert listed["stages_bytes"] == sum(path.stat().st_size for path in cache.glob("stages/*.bin"))
    assert (listed["folder"], listed["cache_limit_bytes"]) == (str(cache), 20 * 10**9)


def test_the_table_is_for_people(place, cache):
    said = place.derm("cache", "list", DERM_CACHE_LIMIT="1.5 GiB").stdout
    assert "3 photographs of 48×48" in said
    assert "effnet-b3 after imagenet,second, 7 classes, by run run-second" in said
    assert "stages take 0.0 MB of 1.5 GiB (cache_limit)" in said


def test_an_empty_cache_says_so(place):
    assert "There is nothing in the cache" in place.derm("cache").stdout
    assert place.json("cache", "list")["entries"] == []
    assert place.derm("cache", "clean").stdout == "There is nothing to remove.\n"


def test_what_is_damaged_is_listed_and_can_be_removed(place, cache):
    next(cache.glob("packs/*.npy")).write_bytes(b"")
    (cache / "stages" / "first.bin").write_bytes(b"?")
    said = place.derm("cache").stdout
    assert "unknown" in said
    assert "damaged" in said
    place.derm("cache", "clean", "--all", "--yes")
    assert left(place) == []


def test_cleaning_holds_the_stages_to_the_setting(place, cache):
    assert place.derm("cache", "clean").stdout == "There is nothing to remove.\n"
    said = place.json("cache", "clean", "--yes", DERM_CACHE_LIMIT="3 KB")
    assert [each["name"] for each in said["removed"]] == ["first"]
    assert sorted(left(place)) == sorted(set(ALL) - {("stages", "first")})


def test_a_limit_holds_the_kinds_together(place, cache):
    place.derm("cache", "clean", "--kind", "packs", "--limit", "25 KB", "--yes")
    assert sorted(left(place)) == sorted(set(ALL) - {("packs", 2)})
    (packed,) = (each["bytes"] for each in place.json("cache")["entries"] if each["kind"] == "packs")
    limit = packed + 2000 + 1000 + 700
    said = place.json("cache", "clean", "--limit", f"{limit} B", "--yes")
    assert [(each["kind"], each["name"]) for each in said["removed"]] == [("stages", "first"), ("programs", "program")]
    assert said["bytes"] == sum(each["bytes"] for each in said["removed"])
    assert place.json("cache")["bytes"] < limit
    assert not (cache / "programs" / "first" / "program.pb").exists()


def test_all_of_a_kind_goes_and_nothing_else(place, cache):
    said = place.derm("cache", "clean", "--kind", "programs", "--kind", "packs", "--all", "--yes").stdout
    assert said.startswith("Removed 2 of packs, 2 of programs (")
    assert left(place) == [("stages", "first"), ("stages", "second")]
    assert [path.suffix for path in (cache / "packs").iterdir()] == [".lock", ".lock"]


def test_a_removed_pack_is_packed_again(place, cache):
    place.derm("cache", "clean", "--all", "--yes")
    photographs = [place.root / f"{number}.png" for number in range(3)]
    assert pack(photographs, Preprocessing(size=48), cache, "made").fresh


def test_it_asks_first(place, cache):
    said = place.derm("cache", "clean", "--all", exit_status=1)
    assert "Remove 2 of packs, 2 of stages, 2 of programs (" in said.stderr
    assert sorted(left(place)) == sorted(ALL)


def test_a_dry_run_does_nothing(place, cache):
    assert place.derm("cache", "clean", "--all", "--dry-run").stdout.startswith("Would remove 2 of packs")
    said = place.json("cache", "clean", "--all", "--dry-run")
    assert (said["dry_run"], len(said["removed"])) == (True, 6)
    assert sorted(left(place)) == sorted(ALL)


HOLDING = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize(("lock", "stays"), [("packs/{pack}.lock", ("packs", 2)), ("stages/stages.lock", None)])
def test_what_another_process_is_writing_is_left(place, cache, lock, stays):
    (first,) = [path for path in cache.glob("packs/*.npy") if np.load(path).shape[0] == 2]
    command = [sys.executable, "-c", HOLDING, cache / lock.format(pack=first.stem)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        said = place.derm("cache", "clean", "--all", "--yes").stdout
        holder.communicate("done\n")
    in_use = [stays] if stays else [("stages", "first"), ("stages", "second")]
    assert f"Left what a running process is writing: {len(in_use)} of {in_use[0][0]}" in said
    assert left(place) == in_use
    assert "Left" not in place.derm("cache", "clean", "--all", "--yes").stdout
    assert left(place) == []


def test_leftovers_go_once_they_are_an_hour_old(place, cache):
    key = next(cache.glob("packs/*.npy")).stem
    old = [cache / "packs" / f".{key}.7.part.npy", cache / "stages" / ".x.7.part.bin"]
    fresh = [cache / "packs" / f".{key}.8.part.npy", cache / "stages" / ".x.8.part.bin"]
    for path in (*old, *fresh):
        path.write_bytes(b"half")
    for path in old:
        used(path, HOUR + 60)
    assert sorted(left(place)) == sorted(ALL), "what is half written is no entry"
    said = json.loads(place.derm("cache", "clean", "--yes", "--json").stdout)
    assert [each["half_written"] for each in said["removed"]] == [True, True]
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in fresh)
    assert sorted(left(place)) == sorted(ALL)


def test_its_help_imports_nothing_heavy():
    program = (
        "import sys, derm_cli.cli.cache\n"
        "print(sorted({'numpy', 'pandas', 'keras', 'tensorflow', 'filelock'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--limit", "lots"], "--limit is 'lots', but must be a size with its unit"),
        (["--limit", "1 GB", "--all"], "--all and --limit exclude each other"),
        (["--kind", "packs"], "--kind 'packs' needs --limit SIZE or --all"),
        (["--kind", "pack"], "'pack' is not one of"),
    ],
)
def test_a_wrong_request_is_refused(place, cache, options, said):
    assert said in place.refused("cache", "clean", *options, "--yes", exit_status=2)
    assert sorted(left(place)) == sorted(ALL)


def test_a_wrong_limit_in_the_settings_is_named(place):
    said = place.refused("cache", DERM_CACHE_LIMIT="much")
    assert "The setting 'cache_limit' (environment DERM_CACHE_LIMIT) is 'much'" in said


def test_the_doctor_shows_the_limit(place):
    rows = {each["setting"]: each for each in place.json("doctor", DERM_CACHE_LIMIT="3 MB")["settings"]}
    assert rows["cache_limit"] == {
        "setting": "cache_limit",
        "value": "3 MB",
        "source": "environment DERM_CACHE_LIMIT",
    }


def test_environments_of_runtimes_are_listed_and_go_as_a_whole(place, own_home):
    folder = own_home / "cache" / "runtimes" / "mediapipe-py311"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to("/usr/bin/env")
    (folder / ".ready").write_text("x" * 100)
    settings = {"DERM_CACHE": str(own_home / "cache")}
    listed = place.derm("cache", **settings).stdout
    assert "runtimes  environment of mediapipe-py311" in listed
    said = place.derm("cache", "clean", "--kind", "runtimes", "--all", "--yes", **settings).stdout
    assert said.startswith("Removed 1 of runtimes (")
    assert not folder.exists()
