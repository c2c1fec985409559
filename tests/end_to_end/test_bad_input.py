"""Bad input gets one clear sentence and the right exit status, and nothing finished is lost."""

from __future__ import annotations

import errno
import json
import os
import shutil

import pytest
from PIL import Image

from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.plugin.contracts import phases
from derm_cli.runs.folder import RunFolder
from tests.support import trees

TRAIN = ["train", "--backbone", "effnet-lite0", "--size", "32", "--epochs", "1", "--schedule", "linear-probe"]


@pytest.fixture
def pad(place):
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    return place


@pytest.fixture
def copied(finished, tmp_path):
    place, run = finished
    copy = type(place)(tmp_path / "place")
    shutil.copytree(place.root, copy.root)
    return copy, run


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--chain", "imagenet,pad-ufes"], "There is no dataset 'pad-ufes'. Did you mean 'pad-ufes-20'?"),
        (["--chain", ""], "The chain is empty"),
        ([], "The chain is empty"),
        (["--chain", "pad-ufes-20,,ham10000"], "The chain is empty"),
        (["--chain", "imagenet"], "The chain 'imagenet' has no dataset"),
        (["--chain", "pad-ufes-20,imagenet"], "'imagenet' stands at place 2 of the chain"),
        (["--chain", "imagenet,pad-ufes-20,pad-ufes-20"], "Dataset 'pad-ufes-20' stands twice"),
        (["--chain", "run:nothing,pad-ufes-20"], "There is no run 'nothing'"),
        (
            ["--chain", "pad-ufes-20", "--backbone", "effnet-b33"],
            "There is no backbone 'effnet-b33'. Did you mean 'effnet-b3'",
        ),
        (
            ["--chain", "pad-ufes-20", "--strategy", "seqential"],
            "There is no strategy 'seqential'. Did you mean 'sequential'",
        ),
        (["--chain", "pad-ufes-20", "--schedule", "frozen"], "There is no schedule 'frozen'"),
        (["--chain", "pad-ufes-20", "--strategy", "merged"], "There is nothing to merge"),
        (["--chain", "pad-ufes-20", "--epochs", "0"], "--epochs is '0'"),
        (["--chain", "pad-ufes-20", "--head-rate", "0"], "--head-rate is '0.0'"),
        (["--chain", "pad-ufes-20", "--head-rate", "nan"], "--head-rate is 'nan'"),
        (["--chain", "pad-ufes-20", "--test-share", "1"], "--test-share is '1.0'"),
        (["--chain", "pad-ufes-20", "--norm-momentum", "1"], "--norm-momentum is '1.0'"),
        (["--chain", "pad-ufes-20", "--size", "8"], "--size is '8'"),
        (["--chain", "pad-ufes-20", "--seed", str(2**32)], "--seed is '4294967296', but must be 4294967295 or less"),
        (["--chain", "pad-ufes-20", "--size", "100000"], "--size is '100000', but must be 4096 or less"),
        (
            ["--chain", "pad-ufes-20", "--phase", "mixup=1e308"],
            "--phase 'mixup=1e308': 'alpha' of the mixing 'mixup' must be a number from",
        ),
        (["--chain", "pad-ufes-20", "--augment", "brightness=0,1e38"], "must be two numbers from 0 to 100"),
        (["--chain", "pad-ufes-20", "--fold", f"1/{'9' * 5000}"], "but must be as in --fold 2/5"),
        (
            ["--chain", "pad-ufes-20", "--augment", "rotate=1,2"],
            "The augmentation 'paper' has no option 'rotate'. Did you mean 'rotation'?",
        ),
        (["--chain", "pad-ufes-20", "--augment", "rotation=30,1"], "the smaller first"),
        (["--chain", "pad-ufes-20", "--augment", "flip=x"], "must be a number from 0 to 1, as in flip=0.5"),
        (["--chain", "pad-ufes-20", "--leave-out", "MEL"], "must be DATASET:CLASS"),
        (["--chain", "pad-ufes-20", "--leave-out", "edra:MEL"], "names no dataset of the chain"),
        (["--resume", "a", "--repeat", "b"], "exclude each other"),
        (["--resume", "a", "--seed", "1"], "'--seed' cannot be given with --resume"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_done(pad, options, said):
    arguments = [part for part in TRAIN if part not in ("--epochs", "1")] if "--epochs" in options else TRAIN
    if "--resume" in options:
        arguments = ["train"]
    assert said in pad.refused(*arguments, *options, exit_status=2)
    assert not pad.runs.exists()


def test_a_missing_dataset_tells_where_to_get_it(place):
    said = place.derm(*TRAIN, "--chain", "imagenet,edra", exit_status=1).output
    for part in ("edra", "derm.cs.sfu.ca", "meta.csv", "licence"):
        assert part in said


def test_a_dataset_with_one_class(place):
    trees.make_folder(place.data / "mine", per_class=4)
    for folder in sorted(path for path in (place.data / "mine").iterdir() if path.is_dir())[1:]:
        shutil.rmtree(folder)
    (place.root / "derm.toml").write_text(f'[datasets.mine]\nreader = "folder"\npath = "{place.data / "mine"}"\n')
    said = place.refused(*TRAIN, "--chain", "mine", DERM_CONFIG=str(place.root / "derm.toml"))
    assert "needs two classes or more" in said


def test_a_folder_without_a_reader_is_explained(place):
    trees.make_folder(place.data / "mine")
    said = place.derm(*TRAIN, "--chain", "mine", exit_status=2).stderr
    assert f"name it by its path, '{place.data / 'mine'}', or say how in derm.toml:\n    [datasets.mine]\n" in said
    assert '    reader = "folder"\n' in said


def test_a_class_with_one_photograph(place):
    trees.make_folder(place.data / "mine", per_class=4)
    folders = sorted(path for path in (place.data / "mine").iterdir() if path.is_dir())
    for path in folders[0].rglob("*"):
        if path.is_file() and path.name != "1.jpg":
            path.unlink()
    (place.root / "derm.toml").write_text(f'[datasets.mine]\nreader = "folder"\npath = "{place.data / "mine"}"\n')
    settings = {"DERM_CONFIG": str(place.root / "derm.toml")}
    said = place.refused(*TRAIN, "--chain", "mine", **settings)
    assert f"Class '{folders[0].name}' of dataset 'mine' has one photograph" in said
    plan = place.json(*TRAIN, "--chain", "mine", "--leave-out", f"mine:{folders[0].name}", "--dry-run", **settings)
    assert folders[0].name not in plan["stages"][0]["train"]


def test_unreadable_photographs_are_set_aside_with_a_reason(pad):
    files = sorted(pad.data.rglob("*.png"))
    files[0].write_bytes(files[0].read_bytes()[:100])
    files[1].write_bytes(b"")
    files[2].write_text("no image")
    (report,) = pad.json("data", "check", "pad-ufes-20")["datasets"]
    assert sum(len(cases) for cases in report["dropped"].values()) == 3
    assert {"empty file", "not an image"} < set(report["dropped"])
    said = pad.train("imagenet,pad-ufes-20")
    dropped = (pad.runs / said["run"] / "dropped.csv").read_text()
    assert dropped.count("\n") == 4
    assert "not an image" in dropped


def test_a_folder_without_permission(pad, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(pad.data))

    monkeypatch.setattr(os, "walk", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    said = pad.derm("data", "check", "pad-ufes-20", exit_status=1).stderr
    assert "ermission" in said
    assert "Traceback" not in said


def test_a_full_disk_is_told_and_the_run_goes_on_from_where_it_was(pad, monkeypatch):
    save, calls = Checkpoints.save, []

    def full(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(*arguments)

    monkeypatch.setattr(Checkpoints, "save", full)
    said = pad.refused(*[p if p != "1" else "3" for p in TRAIN], "--chain", "imagenet,pad-ufes-20")
    (run,) = [line["id"] for line in pad.json("runs", "list")]
    assert f"No space is left on the disk while run '{run}' was written" in said
    assert f"derm train --resume {run}" in said
    assert pad.json("runs", "show", run)["status"] == "failed"
    monkeypatch.undo()
    resumed = pad.json("train", "--resume", run)
    assert resumed["run"] == run
    whole = pad.json(*[p if p != "1" else "3" for p in TRAIN], "--chain", "imagenet,pad-ufes-20")
    first, second = ((pad.runs / each / "predictions.csv").read_bytes() for each in (run, whole["run"]))
    assert first == second


def test_a_disk_that_is_full_at_the_very_end_loses_no_training(pad, monkeypatch):
    """The last write of all, run.json with the hashes: the checkpoint must still be there to go on from."""
    seal = RunFolder.seal_others

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(RunFolder, "seal_others", full)
    said = pad.refused(*TRAIN, "--chain", "imagenet,pad-ufes-20")
    (line,) = pad.json("runs", "list")
    assert line["status"] == "failed"
    assert f"derm train --resume {line['id']}" in said
    folder = pad.runs / line["id"]
    before = (folder / "predictions.csv").read_bytes()
    history = (folder / "history.csv").read_bytes()
    monkeypatch.setattr(RunFolder, "seal_others", seal)
    pad.json("train", "--resume", line["id"])
    assert (folder / "history.csv").read_bytes() == history, "no epoch is trained again"
    assert (folder / "predictions.csv").read_bytes() == before
    assert pad.json("evaluate", line["id"])["cases"] > 0
    assert not (folder / "checkpoint.bin").exists()


def test_a_loss_that_is_no_number(pad, monkeypatch):
    monkeypatch.setattr(phases, "LARGEST_RATE", 1e39)
    said = pad.refused(*TRAIN, "--chain", "imagenet,pad-ufes-20", "--head-rate", "1e38")
    assert "loss became" in said or "no numbers" in said
    assert "--head-rate" in said
    assert pad.json("runs", "list")[0]["status"] == "failed"


def test_predictions_edited_by_hand_are_not_believed(copied):
    place, run = copied
    path = place.runs / run / "predictions.csv"
    path.write_text(path.read_text().replace("MEL", "NEV"))
    for command in (["evaluate", run], ["export", run, "--tflite"]):
        said = place.refused(*command)
        assert f"'{path}' was changed since run '{run}' wrote it" in said


@pytest.mark.parametrize("content", ["", "{", "[]", '{"status": "finished"}'])
def test_a_record_edited_by_hand_is_named(copied, content):
    place, run = copied
    (place.runs / run / "run.json").write_text(content)
    assert "run.json'" in place.refused("evaluate", run)


def test_a_model_of_another_run_in_its_place(copied, tmp_path):
    place, run = copied
    model = place.runs / run / "model.keras"
    model.write_bytes(model.read_bytes() + b"x")
    assert "was changed since run" in place.refused("predict", run, next(place.data.rglob("*.png")))


def test_a_run_that_was_copied_and_renamed_works_everywhere(copied):
    """What it is, its model says, and not the name of its folder."""
    place, run = copied
    other = place.runs / "for the clinic"
    (place.runs / run).rename(other)
    photograph = next(place.data.rglob("*.png"))
    for model in (other, other / "model.keras"):
        answer = place.json("predict", model, photograph)
        assert answer["run"] == run
    (artefact,) = place.json("export", other, "--onnx")["artefacts"]
    assert artefact["max_difference"] < 1e-4
    path = other / "artefacts" / "model.onnx"
    assert place.json("predict", path, photograph)["run"] == run
    judged = [place.json("evaluate", each, "--draws", "0")["per_class"] for each in (other, path)]
    assert judged[0].keys() == judged[1].keys()


def test_an_artefact_of_another_run_in_the_place_of_this_one_s(copied):
    place, run = copied
    place.json("export", run, "--onnx")
    path = place.runs / run / "artefacts" / "model.onnx"
    path.write_bytes((place.runs / run / "model.keras").read_bytes())
    assert f"was changed since run '{run}' wrote it" in place.refused("predict", path, next(place.data.rglob("*.png")))


def test_a_run_that_is_not_finished_is_not_exported(copied):
    place, run = copied
    path = place.runs / run / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "failed"}))
    assert f"Run '{run}' is failed, not finished: go on with 'derm train --resume {run}'" in place.refused(
        "export", run, "--tflite"
    )


def test_export_needs_the_photographs_that_it_checks_on(copied):
    place, run = copied
    shutil.rmtree(place.data)
    assert f"cannot be checked against run '{run}'" in place.refused("export", run, "--tflite")
    assert not list((place.runs / run).glob("artefacts/*"))


def test_an_artefact_that_answers_otherwise_is_not_written(copied, monkeypatch):
    place, run = copied
    monkeypatch.setattr("mobile_export.artefact.predictor.ArtefactPredictor.__call__", _uniform)
    said = place.refused("export", run, "--onnx")
    assert "is not written: a probability differs from the run's" in said
    assert not list((place.runs / run / "artefacts").iterdir())


def _uniform(self, photographs):
    import numpy as np

    return np.full((len(photographs), len(self.facts.classes)), 1 / len(self.facts.classes), np.float32)


def test_predict_names_what_is_not_there(copied):
    place, _ = copied
    assert "There is no file 'none.tflite'" in place.refused("predict", "none.tflite", "x.png", exit_status=2)
    assert "There is no run 'nothing'" in place.refused("predict", "nothing", "x.png", exit_status=2)
    Image.new("RGB", (40, 40)).save(place.root / "photo.png")
    shutil.copy(place.root / "photo.png", place.root / "photo.onnx")
    assert "no artefact that derm wrote" in place.refused(
        "predict", place.root / "photo.onnx", place.root / "photo.png"
    )


def test_an_unknown_command_offers_the_nearest(place):
    assert "There is no command 'trian'. Did you mean 'train'?" in place.refused("trian", exit_status=2)


def test_nothing_to_export_to(copied):
    place, run = copied
    assert "give one or more of --keras, --tflite, --onnx" in place.refused("export", run, exit_status=2)
