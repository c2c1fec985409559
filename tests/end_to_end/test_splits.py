"""Splits as a user meets them: remembered, frozen, the publisher's, in folds."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.support import trees
from tests.support.commands import TINY, Place

PAD, EDRA = "pad-ufes-20", "edra"
CHAIN = ["--chain", f"imagenet,{PAD}"]


def split_of(place, run: str) -> pd.DataFrame:
    return pd.read_csv(place.runs / run / "split.csv", dtype=str, keep_default_na=False)


def parts(place, run: str) -> dict[str, str]:
    """Return the part of each photograph, by content, of which there is one case each."""
    return split_of(place, run).set_index("sha256")["part"].to_dict()


def plan(place, *options: str) -> dict:
    return place.json("train", *TINY, *options, "--dry-run")


@pytest.fixture
def place(tmp_path, tiny_backbone):
    return Place(tmp_path, TINY)


@pytest.fixture
def pad(place):
    trees.make_pad(place.data / PAD, per_class=12)
    return place


def add_patients(root: Path, count: int) -> None:
    """Put new patients in front of those of a made tree, each with a photograph of one class."""
    trees.make_pad(root.parent.parent / "more" / PAD, per_class=count, seed=7)
    more = pd.read_csv(root.parent.parent / "more" / PAD / "metadata.csv", dtype=str, keep_default_na=False)
    for row in more.itertuples():
        (found,) = (root.parent.parent / "more").rglob(row.img_id)
        shutil.copy(found, root / "images" / "imgs_part_2" / row.img_id.replace("PAT_", "PAT_9"))
    for column in ("patient_id", "img_id"):
        more[column] = more[column].str.replace("PAT_", "PAT_9")
    table = pd.read_csv(root / "metadata.csv", dtype=str, keep_default_na=False)
    pd.concat([more, table]).to_csv(root / "metadata.csv", index=False)


def test_a_later_run_keeps_every_photograph_where_it_was(pad):
    first = pad.train(CHAIN[1])["run"]
    add_patients(pad.data / PAD, 4)
    before, after = parts(pad, first), parts(pad, pad.train(CHAIN[1])["run"])
    assert len(after) == len(before) + 24
    assert {content: after[content] for content in before} == before
    assert len(pad.json("runs", "list")) == 2
    assert pad.json("runs", "show", first)["splits"][PAD] == {
        "source": "own",
        "train": 48,
        "validation": 12,
        "test": 12,
    }
    assert re.search("split of pad-ufes-20 +source own, train 48, ", pad.derm("runs", "show", first).stdout)
    other = parts(pad, pad.train(CHAIN[1], "--split-seed", "1")["run"])
    assert {content: other[content] for content in before} != before


def test_a_dry_run_remembers_and_writes_nothing(pad):
    first = plan(pad, *CHAIN)["stages"][0]
    assert not pad.runs.exists()
    split = split_of(pad, pad.train(CHAIN[1])["run"])
    for part in ("train", "validation", "test"):
        assert split.loc[split["part"] == part, "label"].value_counts().to_dict() == first[part]
    kept = {path: path.read_bytes() for path in (pad.runs / "splits").iterdir()}
    add_patients(pad.data / PAD, 4)
    assert sum(plan(pad, *CHAIN)["stages"][0]["test"].values()) > sum(first["test"].values())
    assert {path: path.read_bytes() for path in (pad.runs / "splits").iterdir()} == kept


def test_repeating_has_the_run_s_split_on_another_machine_and_after_photographs_came(
    pad, place_in, tmp_path, monkeypatch
):
    """The copy of a run, elsewhere: no ledger, another salt, a table in another order, and photographs that are new."""
    run = pad.train(CHAIN[1], "--seed", "3", "--split-seed", "0")["run"]
    assert all("-seed0-" in path.name for path in (pad.runs / "splits").glob("*.csv"))
    assert plan(pad, *CHAIN, "--seed", "3", "--split-seed", "0")["split_seed"] == 0
    elsewhere = place_in(tmp_path / "elsewhere")
    shutil.copytree(pad.data, elsewhere.data)
    shutil.copytree(pad.runs / run, elsewhere.runs / run)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "stranger"))
    again = elsewhere.json("train", "--repeat", run)
    assert again["note"] == f"Runs '{run}' and '{again['run']}' are the same, bit for bit."
    one, other = (split_of(elsewhere, each) for each in (run, again["run"]))
    assert not set(one["group"]) & set(other["group"]), "each has a salt of its own"
    add_patients(elsewhere.data / PAD, 4)
    third = elsewhere.json("train", "--repeat", run)["run"]
    assert parts(elsewhere, third) == parts(elsewhere, run)
    dropped = pd.read_csv(elsewhere.runs / third / "dropped.csv")
    assert dropped["reason"].value_counts().to_dict() == {f"it is not in the split of run '{run}'": 24}
    assert not (elsewhere.runs / "splits").exists()


def test_a_run_goes_on_with_its_own_split(pad, monkeypatch):
    from derm_cli.engine.checkpoint import Checkpoints

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", stop)
        pad.refused("train", *TINY, *CHAIN)
    run = pad.json("runs", "list")[-1]["id"]
    before = parts(pad, run)
    shutil.rmtree(pad.runs / "splits")
    # Another run has decided otherwise meanwhile.
    pad.train(CHAIN[1], "--leave-out", f"{PAD}:MEL")
    pad.json("train", "--resume", run)
    assert parts(pad, run) == before
    predicted = pd.read_csv(pad.runs / run / "predictions.csv")["case_id"]
    split = split_of(pad, run)
    assert set(predicted) == set(split.loc[split["part"] == "test", "case_id"])


def test_what_leaks_into_the_split_of_earlier_runs_is_refused_before_anything_is_written(pad):
    run = pad.train(CHAIN[1])["run"]
    split = split_of(pad, run)
    tested, trained = (split[split["part"] == part].iloc[0] for part in ("test", "train"))
    table = pad.data / PAD / "metadata.csv"
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    patients = frame.set_index("img_id")["patient_id"]
    frame.loc[frame["patient_id"] == patients[Path(tested["file"]).name], "patient_id"] = patients[
        Path(trained["file"]).name
    ]
    frame.to_csv(table, index=False)
    said = pad.refused("train", *TINY, *CHAIN)
    assert "cannot keep the split of earlier runs" in said
    for part in (tested["case_id"], "(test)", "another --split-seed"):
        assert part in said
    assert len(pad.json("runs", "list")) == 1
    assert pad.refused("train", *TINY, *CHAIN, "--dry-run") == said
    assert pad.train(CHAIN[1], "--seed", "1")["run"]


def official(place) -> None:
    """Write derm7pt's lists so that each class has photographs in each part."""
    trees.make_edra(place.data / EDRA, per_class=10)
    meta = place.data / EDRA / "meta"
    for part, rows in (("train", (0, 1, 2, 3, 4, 5)), ("valid", (6, 7)), ("test", (8, 9))):
        lines = [str(10 * label + row) for label in range(5) for row in rows]
        (meta / f"{part}_indexes.csv").write_text("\n".join(["indexes", *lines]) + "\n")


def test_the_official_split_is_used_and_named_everywhere(place):
    official(place)
    chain = ["--chain", f"imagenet,{EDRA}"]
    name = "the training, validation and test index files of derm7pt"
    text = place.derm("train", *TINY, *chain, "--dry-run").stdout
    assert f"Tested on the test part of edra's official split: {name}" in text
    stage = plan(place, *chain)
    assert stage["official_splits"] == [{"dataset": EDRA, "name": name}]
    assert stage["splits"] == {EDRA: name}
    run = place.train(chain[1])["run"]
    split = split_of(place, run)
    assert split["part"].value_counts().to_dict() == {"train": 30, "validation": 10, "test": 10}
    assert set(split["source"]) == {name}
    record = place.json("runs", "show", run)
    assert record["splits"] == {EDRA: {"source": name, "train": 30, "validation": 10, "test": 10}}
    assert name in (place.runs / run / "report.html").read_text()
    own = place.train(chain[1], "--split", "own")["run"]
    assert set(split_of(place, own)["source"]) == {"own"}
    assert parts(place, own) != parts(place, run)
    assert place.json("train", "--repeat", run)["note"].endswith("are the same, bit for bit.")


def test_an_official_split_that_leaks_is_refused(place):
    official(place)
    images = sorted((place.data / EDRA / "images" / "NEL").glob("Nel00?.jpg"))
    shutil.copy(images[0], images[8])
    said = place.refused("train", *TINY, "--chain", f"imagenet,{EDRA}")
    assert "The official split of dataset 'edra' (the training" in said
    assert "'9' of edra (test) and '1' of edra (train): the same file" in said
    assert "--split own" in said
    assert place.train(f"imagenet,{EDRA}", "--split", "own")["run"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--split", "official"], "--split is 'official', but dataset 'pad-ufes-20' has no official split"),
        (["--split", "official", "--folds", "3"], "--folds '3' and --split 'official' exclude each other"),
        (["--folds", "1"], "--folds is '1', but must be 2 or more"),
        (["--fold", "2"], "--fold is '2', but must be as in --fold 2/5"),
        (["--fold", "x/5"], "--fold is 'x/5', but must be as in --fold 2/5"),
        (["--fold", "6/5"], "--fold is '6/5', but must be between 1 and 5"),
        (["--fold", "0/5"], "--fold is '0/5', but must be between 1 and 5"),
        (["--fold", "2/5", "--folds", "4"], "--fold is '2/5', but must be as in --fold 2/5"),
        (["--test-share", "-0.1"], "--test-share is '-0.1'"),
        (["--validation-share", "1"], "--validation-share is '1.0'"),
    ],
)
def test_what_cannot_be_meant_is_refused(pad, options, said):
    assert said in pad.refused("train", *TINY, *CHAIN, *options, exit_status=2)
    assert not pad.runs.exists()


def test_folds_that_a_class_is_too_small_for_are_refused(pad):
    said = pad.refused("train", *TINY, *CHAIN, "--folds", "7", "--dry-run")
    assert "cannot be split into 7 folds: the 12 photographs of class 'ACK' belong to 6 patients" in said
    assert said == pad.refused("train", *TINY, *CHAIN, "--folds", "7")


def test_the_plan_of_folds(pad):
    shown = plan(pad, *CHAIN, "--folds", "3")["folds"]
    assert [each["fold"] for each in shown] == [1, 2, 3]
    for label in trees.PAD:
        assert [each["stages"][0]["test"][label] for each in shown] == [4, 4, 4]
    text = pad.derm("train", *TINY, *CHAIN, "--folds", "3", "--dry-run").stdout
    assert "Tested on fold 1 of 3 of pad-ufes-20" in text
    assert re.search(r"class +fold 1 +fold 2 +fold 3\n.*\nACK +4 +4 +4\n", text)
    assert "fold 2 of 3" in pad.derm("train", *TINY, *CHAIN, "--fold", "2/3", "--dry-run").stdout
    assert not pad.runs.exists()


def by_fold(place) -> list[dict]:
    """Return the runs by their folds: ids of the same second are in any order."""
    runs = place.json("runs", "list")
    return sorted(runs, key=lambda run: place.json("runs", "show", run["id"])["request"]["fold"])


@pytest.fixture
def crossed(pad):
    """Two folds that are trained."""
    trees.make_ham(pad.data / "ham10000", per_class=6)
    options = [*TINY, "--chain", f"imagenet,ham10000,{PAD}", "--folds", "2"]
    return pad, options, pad.derm("train", *options, DERM_CACHE_LIMIT="1 GB")


def test_folds_are_trained_and_summed_up(crossed):
    place, options, said = crossed
    runs = by_fold(place)
    assert len(runs) == 2
    tested = [split_of(place, each["id"]).query(f"dataset == '{PAD}' and part == 'test'")["case_id"] for each in runs]
    assert not set(tested[0]) & set(tested[1])
    assert len(set(tested[0]) | set(tested[1])) == 72
    for number, run in enumerate(runs, 1):
        assert re.search(rf"\n{number} +{run['id']} +36 ", said.stdout)
        split = split_of(place, run["id"])
        assert set(split.loc[split["dataset"] == PAD, "source"]) == {f"own, fold {number} of 2"}
        assert set(split.loc[split["dataset"] == "ham10000", "source"]) == {"own"}
    figures = [each["balanced_accuracy"] for each in runs]
    mean, sd = sum(figures) / 2, abs(figures[0] - figures[1]) / 2**0.5
    assert f"{100 * mean:.2f} ± {100 * sd:.2f}" in said.stdout
    assert re.search(r"\nSEK +\d+\.\d\d ± \d+\.\d\d", said.stdout)
    # What comes before the target is the same in both.
    assert [each["stages_from_store"] for each in runs] == [0, 1]
    again = place.derm("train", *options, "--json", DERM_CACHE_LIMIT="1 GB")
    assert f"fold 1 of 2 was trained before, as run '{runs[0]['id']}'" in again.stderr
    content = json.loads(again.stdout)
    assert [each["run"] for each in content["runs"]] == [each["id"] for each in runs]
    assert content["overall"]["balanced_accuracy"] == {
        "mean": pytest.approx(mean),
        "sd": pytest.approx(sd),
        "lowest": pytest.approx(min(figures)),
        "highest": pytest.approx(max(figures)),
        "folds": 2,
    }
    assert set(content["per_class"]) == set(trees.PAD)
    assert len(place.json("runs", "list")) == 2
    place.derm("train", *options, "--no-store")
    assert len(place.json("runs", "list")) == 4


def test_a_fold_that_fails_loses_no_other_and_the_same_command_goes_on(pad, monkeypatch):
    from derm_cli.engine import backend

    backend.start()
    from derm_cli.workflows.training import stages

    options = [*TINY, *CHAIN, "--folds", "3", "--no-augment"]
    run_stages = stages.run_stages

    def fail_in_the_second(job):
        if job.plan.fold == 2:
            raise MemoryError("no more of it")
        return run_stages(job)

    with monkeypatch.context() as patch:
        patch.setattr(stages, "run_stages", fail_in_the_second)
        result = pad.derm("train", *options, exit_status=1)
    runs = by_fold(pad)
    assert [each["status"] for each in runs] == ["finished", "failed", "finished"]
    assert "2 of 3 folds finished (fold 2: MemoryError: no more of it): go on with 'derm train " in result.stderr
    command = re.search(r"go on with '(.*)', which", result.stderr)[1].split()
    # What the variables of these tests gave is among it.
    assert sorted(command[1:]) == sorted(["train", *options, "--recipe", "paper", "--no-baselines"])
    assert "Means over 2 of 3 folds" in result.stdout
    assert "Traceback" not in result.output
    done = pad.json(*command[1:])
    assert [each["run"] for each in done["runs"]] == [each["id"] for each in runs], "the second went on"
    assert done["overall"]["accuracy"]["folds"] == 3


def test_an_interruption_ends_the_folds(pad, monkeypatch):
    from derm_cli.engine.checkpoint import Checkpoints

    def stop(*_):
        raise KeyboardInterrupt

    options = [*TINY, *CHAIN, "--folds", "3"]
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", stop)
        said = pad.refused("train", *options)
    assert "0 of 3 folds finished (fold 1: Run '" in said
    assert "fold 2: not begun; fold 3: not begun)" in said
    assert [each["status"] for each in pad.json("runs", "list")] == ["interrupted"]


def test_settings_give_folds_too(pad):
    (pad.root / "derm.toml").write_text("[train]\nfolds = 3\nsplit = 'own'\n")
    shown = pad.json("train", *TINY, *CHAIN, "--dry-run", DERM_CONFIG=str(pad.root / "derm.toml"))
    assert len(shown["folds"]) == 3
