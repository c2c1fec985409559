"""Chains that begin alike train their common beginning once, and end with the bits of those that train it again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support import trees
from tests.support.commands import TINY

pytestmark = pytest.mark.xdist_group("store")

STORING = {"DERM_CACHE_LIMIT": "1 GB"}
SHORT, LONG = "imagenet,ham10000", "imagenet,ham10000,pad-ufes-20"


@dataclass(frozen=True)
class Shared:
    """A place whose store has the stages of two runs: of the chain's beginning, and of all of it."""

    place: Any
    short: str
    long: str
    said: str


def train(place: Any, *arguments: str) -> tuple[str, Any]:
    """Train with the stage store; return the run's id and what the command printed."""
    before = {path.name for path in place.runs.glob("*")}
    result = place.derm("train", *arguments, **STORING)
    (run,) = {path.name for path in place.runs.glob("2*")} - before
    return run, result


def record(place: Any, run: str) -> dict[str, Any]:
    return json.loads((place.runs / run / "run.json").read_text())


def sources(place: Any, run: str) -> list[tuple[str, str, str]]:
    return [(each["name"], each["source"], each["run"]) for each in record(place, run)["stages"]]


@pytest.fixture(scope="module")
def shared(tmp_path_factory, place_in, tiny_backbone) -> Shared:
    """Look, but do not change it."""
    place = place_in(tmp_path_factory.mktemp("shared"))
    trees.make_ham(place.data / "ham10000", per_class=6)
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    kept = dict(os.environ)
    try:
        short, _ = train(place, *TINY, "--chain", SHORT)
        long, result = train(place, *TINY, "--chain", LONG)
    finally:
        os.environ.clear()
        os.environ.update(kept)
    return Shared(place, short, long, result.stdout)


@pytest.fixture
def own(shared, tmp_path, place_in):
    """A place of one's own, with all that the shared one has."""
    shutil.copytree(shared.place.root, tmp_path / "own")
    return place_in(tmp_path / "own")


def assert_same(place: Any, first: str, second: str) -> None:
    compared = place.json("runs", "compare", "--exact", first, second)
    assert {part["outcome"] for part in compared["parts"]} == {"same"}, compared["note"]


def test_the_common_beginning_is_not_trained_again(shared):
    place = shared.place
    assert sources(place, shared.short) == [("ham10000", "trained", shared.short)]
    assert sources(place, shared.long) == [
        ("ham10000", "store", shared.short),
        ("pad-ufes-20", "trained", shared.long),
    ]
    short, long = (pd.read_csv(place.runs / run / "history.csv") for run in (shared.short, shared.long))
    pd.testing.assert_frame_equal(long[long["stage"] == 0], short)
    trained = long.loc[long["stage"] == 1, "seconds"].sum()
    assert record(place, shared.long)["seconds_training"] == round(trained, 1), (
        "what another run trained is not counted"
    )


def test_it_is_said_where_it_came_from(shared):
    place, run = shared.place, shared.long
    assert f"Stage ham10000 came from the stage store: run {shared.short} trained it." in shared.said
    assert f"Stage 1 of 2: ham10000, from the stage store: run {shared.short} trained it" in (
        (place.runs / run / "log").read_text()
    )
    shown = place.derm("runs", "show", run).stdout
    for line in (f"ham10000     the stage store: run {shared.short} trained it", "pad-ufes-20  trained"):
        assert line in shown
    for key in ("stepping", "compiling", "float32"):
        assert key in shown
    listed = place.json("runs", "list")
    assert [(each["stages_from_store"], each["stages"]) for each in listed] == [(0, 1), (1, 2)]
    assert "1 of 2" in place.derm("runs", "list").stdout


def test_without_the_store_the_bits_are_the_same(own, shared):
    run, _ = train(own, *TINY, "--chain", LONG, "--no-store")
    assert [source for _, source, _ in sources(own, run)] == ["trained", "trained"]
    assert_same(own, shared.long, run)


def test_a_repetition_trains_everything(own, shared):
    run, result = train(own, "--repeat", shared.long)
    assert [source for _, source, _ in sources(own, run)] == ["trained", "trained"]
    assert f"Runs '{shared.long}' and '{run}' are the same, bit for bit." in result.stdout


def test_a_run_that_trains_nothing_at_all(own, shared):
    run, result = train(own, *TINY, "--chain", LONG)
    assert sources(own, run) == [("ham10000", "store", shared.short), ("pad-ufes-20", "store", shared.long)]
    assert_same(own, shared.long, run)
    assert record(own, run)["seconds_training"] == 0
    assert f"Stage pad-ufes-20 came from the stage store: run {shared.long} trained it." in result.stdout
    assert own.json("export", run, "--tflite")["artefacts"][0]["agreement"] == 1


def one_photograph(place: Any, file: Path) -> None:
    shutil.copy(next(place.data.glob("pad-ufes-20/images/imgs_part_2/*.png")), file)


def one_label(place: Any, file: Path) -> None:
    table = place.data / "ham10000" / "HAM10000_metadata"
    frame = pd.read_csv(table)
    frame.loc[frame["image_id"] == file.stem, "dx"] = "df"
    frame.to_csv(table, index=False)


@pytest.mark.parametrize("change", [one_photograph, one_label])
def test_other_contents_are_trained_on(own, shared, change):
    split = pd.read_csv(own.runs / shared.short / "split.csv")
    change(own, own.data / "ham10000" / split.query("part == 'train' and label == 'nv'")["file"].iloc[0])
    run, _ = train(own, *TINY, "--chain", SHORT)
    assert sources(own, run) == [("ham10000", "trained", run)]


@pytest.mark.parametrize("options", [("--seed", "1"), ("--phase", "label-smoothing=0.1"), ("--no-augment",)])
def test_other_options_are_trained_with(own, options):
    run, _ = train(own, *TINY, "--chain", SHORT, *options)
    assert sources(own, run) == [("ham10000", "trained", run)]


def test_other_weights_are_trained_from(own, shared):
    run, _ = train(own, *TINY, "--chain", SHORT.replace("imagenet", f"run:{shared.short}"))
    assert sources(own, run) == [("ham10000", "trained", run)]


def test_a_damaged_stage_is_named_and_trained_again(own, shared):
    stages = own.root / "cache" / "stages"
    for path in stages.glob("*.bin"):
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
    run, result = train(own, *TINY, "--chain", LONG)
    for path in stages.glob("*.bin"):
        assert f"Warning: The stored stage '{path}' is damaged: it is removed, and the stage is trained again." in (
            result.stderr
        )
    assert [source for _, source, _ in sources(own, run)] == ["trained", "trained"]
    assert_same(own, shared.long, run)
    again, _ = train(own, *TINY, "--chain", SHORT)
    assert sources(own, again) == [("ham10000", "store", run)]


def test_a_run_that_was_not_to_use_the_store_does_not_when_it_goes_on(own, monkeypatch):
    from derm_cli.engine.checkpoint import Checkpoints

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", stop)
        own.refused("train", *TINY, "--chain", SHORT, "--no-store", **STORING)
    run = own.json("runs", "list")[-1]["id"]
    shutil.rmtree(own.root / "cache" / "stages")
    own.derm("train", "--resume", run, **STORING)
    assert sources(own, run) == [("ham10000", "trained", run)]
    assert list((own.root / "cache").glob("stages/*.bin")) == [], "nothing is kept either"


def test_two_processes_share_one_store(own):
    """Both find it empty; whoever ends first stores the stages, and the other's are the same."""
    shutil.rmtree(own.root / "cache" / "stages")
    environment = {"DERM_DATA": own.data, "DERM_RUNS": own.root / "both", "DERM_CACHE": own.root / "cache"}
    command = [Path(sys.executable).with_name("derm"), "train", *TINY, "--chain", LONG, "--json"]
    started = [
        subprocess.Popen(
            command,
            env={**os.environ, **{name: str(value) for name, value in environment.items()}, **STORING},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(2)
    ]
    runs = [json.loads(each.communicate()[0])["path"] for each in started]
    assert_same(own, *runs)
    assert len(list((own.root / "cache" / "stages").glob("*.bin"))) == 2
