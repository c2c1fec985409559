"""Chains, strategies and what carries a run on: whole trainings on made trees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from derm_cli.engine import backend
from tests.support import trees
from tests.support.thinning import shallow_effnet_b3

LITE = ["--backbone", "effnet-lite0", "--size", "32", "--epochs", "1"]


def keras_weights(home: Path, size: int) -> None:
    """Put made weights for EfficientNet-B3 where Keras looks, in the layout of the file that Keras publishes."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    model = keras.applications.EfficientNetB3(include_top=False, weights=None, input_shape=(size, size, 3))
    folder = home / ".keras" / "models"
    folder.mkdir(parents=True)
    with h5py.File(folder / "efficientnetb3_notop.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


def test_the_papers_chain_as_written(place, own_home, monkeypatch):
    """``derm train --backbone effnet-b3 --chain imagenet,edra,dermofit``, small: seven phases a stage."""
    monkeypatch.setattr(keras.applications, "EfficientNetB3", shallow_effnet_b3)
    trees.make_edra(place.data / "edra", per_class=4)
    trees.make_dermofit(place.data / "dermofit", per_class=4)
    backend.start()
    keras_weights(own_home, 32)
    command = ["train", "--backbone", "effnet-b3", "--chain", "imagenet,edra,dermofit"]
    plan = place.json(*command, "--dry-run")
    assert plan["preprocessing"] == {
        "size": 300,
        "resize": "squash",
        "interpolation": "nearest",
        "profile": "srgb",
        "crop": "none",
        "crop_margin": 0.2,
        "constancy": "none",
    }
    assert [(len(stage["classes"]), len(stage["phases"])) for stage in plan["stages"]] == [(5, 7), (10, 7)]
    assert [stage["batch_size"] for stage in plan["stages"]] == [5, 10]
    assert {(p["epochs"], p["head_rate"], p["block_rate"]) for s in plan["stages"] for p in s["phases"]} == {
        (3, 1e-4, 1e-5)
    }
    text = place.derm(*command, "--dry-run").stdout
    assert "7 head+block2" in text
    said = place.json(*command, "--size", "32", "--epochs", "1")
    history = pd.read_csv(place.runs / said["run"] / "history.csv")
    assert history.groupby("stage_name")["phase_name"].nunique().to_dict() == {"edra": 7, "dermofit": 7}
    assert set(said["evaluation"]["per_class"]) == {"AK", "BCC", "DF", "IEC", "MEL", "ML", "PYO", "SCC", "SK", "VASC"}


@pytest.fixture
def both(place):
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    trees.make_ham(place.data / "ham10000", per_class=6)
    return place


def test_weights_that_cannot_be_had_end_before_anything_is_written(both):
    said = both.refused("train", "--backbone", "effnet-b3", "--chain", "imagenet,pad-ufes-20", "--size", "32")
    for part in ("efficientnetb3_notop.h5", ".keras/models", "https://"):
        assert part in said
    assert not both.runs.exists()


@pytest.mark.parametrize(("strategy", "stages"), [("merged", 1), ("hybrid", 2)])
def test_merging_counts_what_matches_no_class(both, strategy, stages):
    chain = ["--chain", "imagenet,ham10000,pad-ufes-20", "--strategy", strategy, "--schedule", "linear-probe"]
    plan = both.json("train", *LITE, *chain, "--dry-run")
    assert len(plan["stages"]) == stages
    first = plan["stages"][0]
    assert [each["name"] for each in first["classes"]] == ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"]
    assert first["unmatched"] == 12, "HAM10000's vascular lesions and dermatofibromas match no class of PAD-UFES-20"
    said = both.json("train", *LITE, *chain)
    dropped = pd.read_csv(both.runs / said["run"] / "dropped.csv")
    assert set(dropped["label"]) == {"vasc", "df"}
    assert dropped["reason"].str.contains("no class of stage 'ham10000.pad-ufes-20' covers its diagnosis").all()
    split = pd.read_csv(both.runs / said["run"] / "split.csv")
    predictions = pd.read_csv(both.runs / said["run"] / "predictions.csv")
    assert set(predictions["case_id"]) == set(split.query("dataset == 'pad-ufes-20' and part == 'test'")["case_id"])


def test_a_dataset_that_adds_nothing_to_a_merged_stage_is_told_of(both):
    """The classes of a plain folder name no diagnosis, so nothing of another dataset falls into them."""
    trees.make_folder(both.data / "mine")
    (both.root / "derm.toml").write_text(f'[datasets.mine]\nreader = "folder"\npath = "{both.data / "mine"}"\n')
    chain = ["--chain", "imagenet,ham10000,mine", "--strategy", "merged", "--dry-run"]
    said = both.derm("train", *LITE, *chain, DERM_CONFIG=str(both.root / "derm.toml"))
    assert "Warning: no photograph of dataset 'ham10000' falls into a class of stage 'ham10000+mine'" in said.stderr
    assert "42 photographs match no class and are dropped" in said.stdout
    sequential = ["--chain", "imagenet,ham10000,pad-ufes-20", "--strategy", "merged", "--dry-run"]
    assert "Warning: no photograph of dataset" not in both.derm("train", *LITE, *sequential).stderr


def test_a_run_s_backbone_begins_another_chain(both):
    first = both.json("train", *LITE, "--chain", "imagenet,ham10000", "--schedule", "linear-probe")["run"]
    # The beginning of an id, which begins the second's too: what is kept is what it stood for.
    begun = first[:8]
    planned = both.json("train", *LITE, "--chain", f"run:{begun},pad-ufes-20", "--dry-run")
    assert planned["weights"] == f"run:{first}"
    second = both.json("train", *LITE, "--chain", f"run:{begun},pad-ufes-20", "--schedule", "linear-probe")["run"]
    assert both.json("runs", "show", second)["request"]["chain"] == [f"run:{first}", "pad-ufes-20"]
    models = [keras.saving.load_model(both.runs / run / "model.keras", compile=False) for run in (first, second)]
    for name in ("stem_conv", "block7a_project_conv", "top_bn"):
        for one, other in zip(*(model.get_layer(name).get_weights() for model in models), strict=True):
            np.testing.assert_array_equal(one, other)
    said = both.refused("train", "--backbone", "mobilenet-v2", "--chain", f"run:{first},pad-ufes-20", exit_status=2)
    assert "has the backbone 'effnet-lite0', but 'mobilenet-v2' is asked for" in said
    resized = both.json(
        "train", *LITE, "--size", "64", "--chain", f"run:{first},pad-ufes-20", "--schedule", "linear-probe"
    )
    assert resized["evaluation"]["cases"] > 0


def test_without_a_weight_source_the_network_starts_from_random_weights(both):
    run = both.json("train", *LITE, "--chain", "pad-ufes-20", "--schedule", "linear-probe")["run"]
    kernel = (
        keras.saving.load_model(both.runs / run / "model.keras", compile=False).get_layer("stem_conv").get_weights()[0]
    )
    pretrained = both.json("train", *LITE, "--chain", "imagenet,pad-ufes-20", "--schedule", "linear-probe")["run"]
    other = keras.saving.load_model(both.runs / pretrained / "model.keras", compile=False).get_layer("stem_conv")
    assert not np.allclose(kernel, other.get_weights()[0])
    text = both.derm("train", *LITE, "--chain", "pad-ufes-20", "--dry-run").stdout
    assert "from random weights" in text
    assert "the stem starts random and is never unfrozen" in text


def test_a_file_that_is_among_the_test_photographs_is_trained_on_nowhere(both):
    import shutil

    probe = ["--chain", "imagenet,ham10000,pad-ufes-20", "--schedule", "linear-probe"]
    first = both.json("train", *LITE, *probe)["run"]
    split = pd.read_csv(both.runs / first / "split.csv")
    tested = split.query("dataset == 'pad-ufes-20' and part == 'test'").iloc[0]
    trained = split.query("dataset == 'ham10000' and part == 'train'").iloc[0]
    shutil.copy(both.data / "pad-ufes-20" / tested["file"], both.data / "ham10000" / trained["file"])
    second = both.json("train", *LITE, *probe)["run"]
    dropped = pd.read_csv(both.runs / second / "dropped.csv")
    assert dropped["reason"].tolist() == [
        f"the same file is among the test photographs of 'pad-ufes-20': '{tested['case_id']}'"
    ]
    assert dropped["case_id"].tolist() == [trained["case_id"]]


def test_epochs_are_judged_by_a_validation_part(both):
    probe = ["--chain", "imagenet,pad-ufes-20", "--schedule", "linear-probe"]
    without = ["--validation-share", "0", "--phase", "early-stopping=2"]
    said = both.refused("train", *LITE, *probe, *without, exit_status=2)
    assert "but --validation-share is '0'" in said
    assert not both.runs.exists()
    options = ["--validation-share", "0.3", "--phase", "best-epoch=on", "--phase", "epochs=2"]
    plan = both.json("train", *LITE, *probe, *options, "--dry-run")["stages"][0]
    run = both.runs / both.json("train", *LITE, *probe, *options)["run"]
    split = pd.read_csv(run / "split.csv")
    for part in ("train", "validation", "test"):
        assert split.loc[split["part"] == part, "label"].value_counts().to_dict() == plan[part]
    history = pd.read_csv(run / "history.csv")
    assert (history["validation_loss"] > 0).all()
    assert history["validation_balanced_accuracy"].between(0, 1).all()
    assert "balanced" in (run / "log").read_text()


def test_a_run_does_not_go_on_with_other_data(both, monkeypatch):
    from derm_cli.engine.checkpoint import Checkpoints

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoints, "save", stop)
    probe = ["--chain", "imagenet,pad-ufes-20", "--schedule", "linear-probe"]
    said = both.refused("train", *LITE, *probe)
    monkeypatch.undo()
    (line,) = both.json("runs", "list")
    assert f"Run '{line['id']}' was interrupted: go on with 'derm train --resume {line['id']}'" in said
    next(both.data.joinpath("pad-ufes-20").rglob("*.png")).write_bytes(b"changed")
    assert "is not the one that run" in both.refused("train", "--resume", line["id"])
    # Only stages that are no run are begun anew.
    assert (both.runs / line["id"] / "run.json").exists()


IN_ONE_PROCESS = """
import json, sys
from derm_cli.cli import cli

for command in json.loads(sys.argv[1]):
    cli(command, standalone_mode=False)
"""


def test_jax_trains_exports_and_predicts_in_one_process(both):
    """A script under KERAS_BACKEND=jax; the converters then run in processes with TensorFlow."""
    photograph = str(next(both.data.joinpath("pad-ufes-20").rglob("*.png")))
    options = ["--backbone", "effnet-lite0", "--size", "32", "--epochs", "1", "--schedule", "linear-probe"]
    commands = [
        ["train", *options, "--chain", "imagenet,pad-ufes-20", "--json"],
        ["export", "--tflite", "--onnx", "--keras", "--json"],
        ["predict", photograph, "--json"],
        ["evaluate", "--data", "ham10000", "--json"],
    ]
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "OMP_NUM_THREADS": "2",
        "DERM_DATA": str(both.data),
        "DERM_RUNS": str(both.runs),
        "DERM_CACHE": str(both.root / "cache"),
    }
    command = [sys.executable, "-c", IN_ONE_PROCESS, json.dumps(commands)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    trained, exported, predicted, evaluated = _json_values(done.stdout)
    record = json.loads((both.runs / trained["run"] / "run.json").read_text())
    assert record["environment"]["backend"] == "jax"
    assert record["environment"]["OMP_NUM_THREADS"] == "2"
    # Nothing of TensorFlow's log, which is imported by Keras under JAX too.
    assert all(line.startswith(("Warning: ", "Run ")) for line in done.stderr.splitlines()), done.stderr
    assert {each["exporter"] for each in exported["artefacts"]} == {"tflite", "onnx", "keras"}
    assert all(each["max_difference"] < 1e-4 for each in exported["artefacts"])
    assert evaluated["cases"] > 0
    # What TensorFlow makes of the model, in this process.
    run = str(both.runs / trained["run"])
    again = both.json("predict", run, photograph)
    for ours, theirs in zip(predicted["answers"], again["answers"], strict=True):
        assert ours["probabilities"] == pytest.approx(theirs["probabilities"], abs=1e-4)


def _json_values(text: str) -> list[dict]:
    """Return the JSON values that were printed one behind the other."""
    values, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        values.append(value)
        text = text[end:]
    return values
