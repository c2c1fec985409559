"""``derm evaluate`` of artefacts, on other datasets, and with a table in between: one path for all."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from derm_cli.evaluation.predictions import read_predictions

pytestmark = pytest.mark.xdist_group("calibrated")
ARTEFACTS = ["model.keras", "artefacts/model.tflite", "artefacts/model.onnx"]


@pytest.fixture
def place(calibrated):
    return calibrated.place


@pytest.fixture
def run(calibrated):
    return calibrated.run


@pytest.mark.parametrize("name", ARTEFACTS)
def test_an_artefact_is_judged_as_its_run_is(calibrated, tmp_path, name):
    place, artefact = calibrated.place, calibrated.folder / name
    found = place.json("evaluate", artefact, "--draws", "0", "--table", tmp_path / "table.csv")
    expected = place.json("evaluate", calibrated.run, "--draws", "0")
    assert found["confusion"] == expected["confusion"]
    assert found["triage"]["counts"] == expected["triage"]["counts"]
    assert found["calibration"]["log_loss"] == pytest.approx(expected["calibration"]["log_loss"], abs=1e-3)
    said, stored = (read_predictions(path) for path in (tmp_path / "table.csv", calibrated.folder / "predictions.csv"))
    assert said.case_ids == stored.case_ids
    np.testing.assert_allclose(said.probabilities, stored.probabilities, atol=2e-4)
    printed = place.derm("evaluate", artefact, "--draws", "0").stdout
    title = f"Artefact {artefact.name} of run {calibrated.run}, test photographs of pad-ufes-20"
    assert printed.startswith(title)


def test_a_broken_artefact_shows_in_its_figures(calibrated, tmp_path):
    """Its figures are its own, not its run's: a model with other weights says something else."""
    import keras

    from derm_cli.plugin import ExporterSpec
    from derm_cli.plugin.registry import Registry

    folder = calibrated.folder
    exporter = Registry().get(ExporterSpec, "keras")
    facts = exporter.load(folder / "model.keras").facts
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    head = model.get_layer("class_map")
    head.set_weights([each[..., ::-1] for each in head.get_weights()])
    exporter.export(model, facts, tmp_path / "broken.keras")
    found = calibrated.place.json("evaluate", tmp_path / "broken.keras", "--draws", "0")
    expected = calibrated.place.json("evaluate", calibrated.run, "--draws", "0")
    turned = [row[::-1] for row in expected["confusion"]["counts"]]
    assert found["confusion"]["counts"] == turned != expected["confusion"]["counts"]


def test_an_artefact_without_its_run_or_its_photographs_is_refused(calibrated, tmp_path):
    place, artefact = calibrated.place, calibrated.folder / "artefacts" / "model.tflite"
    elsewhere = tmp_path / artefact.name
    elsewhere.write_bytes(artefact.read_bytes())
    # In its run's folder the run is at hand, wherever other runs lie.
    assert f"is of run '{calibrated.run}', which is not" in place.refused(
        "evaluate", elsewhere, exit_status=2, DERM_RUNS=str(tmp_path / "none")
    )
    assert "There is no file" in place.refused("evaluate", tmp_path / "none.tflite", exit_status=2)
    assert "pad-ufes-20" in place.refused("evaluate", artefact, DERM_DATA=str(tmp_path / "none"))


def test_the_table_in_between_is_judged_as_the_run_is(calibrated, tmp_path):
    place = calibrated.place
    direct = place.json("evaluate", calibrated.run, "--draws", "50", "--table", tmp_path / "table.csv")
    asked = ("--classes-of", "pad-ufes-20", "--validation", calibrated.folder / "validation.csv", "--draws", "50")
    table = place.json("evaluate", "--predictions", tmp_path / "table.csv", *asked)
    synthetic = {"synthetic"}
    assert {name: each for name, each in table.items() if name not in synthetic} == {
        name: each for name, each in direct.items() if name not in synthetic
    }
    assert (tmp_path / "table.csv").read_bytes() == (calibrated.folder / "predictions.csv").read_bytes()


HAM_TO_PAD = {"nv": "NEV", "mel": "MEL", "bcc": "BCC", "akiec": "ACK", "bkl": "SEK"}


def test_another_dataset_is_mapped_by_its_diagnoses(place, run, tmp_path):
    found = place.json("evaluate", run, "--data", "ham10000", "--table", tmp_path / "table.csv")
    left_out = found["left_out"]["ham10000"]
    assert left_out["unmapped"] == {"vasc": 10, "df": 10}
    assert (left_out["seen"], left_out["dropped"]) == (0, 0)
    assert {each["label"]: each["class"] for each in left_out["mapped"]} == HAM_TO_PAD
    assert sum(each["cases"] for each in left_out["mapped"]) == found["cases"] == 50
    assert {name: each["support"] for name, each in found["per_class"].items()} == {
        name: 0 if name == "SCC" else 10 for name in ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")
    }
    assert "No test photograph of 'SCC': its sensitivity is unknown." in found["notes"]
    # Each table of metadata tells the lesion; there are two photographs of each.
    assert (found["patients"], found["lesions"]) == (None, 25)
    assert found["intervals"]["accuracy"][2] == "effective"
    metadata = pd.read_csv(place.data / "ham10000" / "HAM10000_metadata", dtype=str).set_index("image_id")
    table = read_predictions(tmp_path / "table.csv")
    assert [HAM_TO_PAD[metadata.loc[case, "dx"]] for case in table.case_ids] == table.labels.tolist()


def test_what_it_was_judged_as_is_printed_written_and_on_the_page(place, run, tmp_path):
    asked = ("evaluate", run, "--data", "ham10000", "--draws", "0")
    files = ("--csv", tmp_path / "figures.csv", "--report", tmp_path / "page.html")
    printed = place.derm(*asked, *files).stdout
    assert printed.startswith(f"Run {run}, photographs of ham10000")
    for said in (
        "Label mapping: what its photographs were judged as",
        "Of 'ham10000' no class of the run covers 20: vasc 10, df 10.",
    ):
        assert said in printed
        assert said.replace("'", "&#39;") in (tmp_path / "page.html").read_text()
    with (tmp_path / "figures.csv").open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["sheet"] == "mapping"]
    assert {line["row"]: int(line["value"]) for line in lines} == {
        **{f"ham10000 {label} {place}": 10 for label, place in HAM_TO_PAD.items()},
        **{f"ham10000 {label} no class covers it": 10 for label in ("vasc", "df")},
    }


def test_an_artefact_on_another_dataset(calibrated):
    place = calibrated.place
    asked = ("--data", "ham10000", "--draws", "0")
    found = place.json("evaluate", calibrated.folder / "artefacts" / "model.onnx", *asked)
    expected = place.json("evaluate", calibrated.run, *asked)
    assert found["confusion"] == expected["confusion"]
    assert found["left_out"] == expected["left_out"]


def test_several_datasets_are_judged_together_and_apart(place, run, tmp_path):
    both = place.json(
        "evaluate", run, "--data", "ham10000", "--data", "isic-2019", "--draws", "50", "--table", tmp_path / "t.csv"
    )
    alone = {name: place.json("evaluate", run, "--data", name, "--draws", "0") for name in ("ham10000", "isic-2019")}
    assert both["cases"] == sum(each["cases"] for each in alone.values())
    assert both["left_out"] == {name: each["left_out"][name] for name, each in alone.items()}
    counts = sum(np.array(each["confusion"]["counts"]) for each in alone.values())
    assert both["confusion"]["counts"] == counts.tolist()
    slices = {each["value"]: each for each in both["slices"] if each["column"] == "dataset"}
    for name, each in alone.items():
        assert slices[name]["cases"] == each["cases"]
        assert slices[name]["accuracy"] == pytest.approx(each["accuracy"])
    prefixes = {case.partition(":")[0] for case in read_predictions(tmp_path / "t.csv").case_ids}
    assert prefixes == set(alone)
    assert "Dataset 'ham10000' is named twice" in place.refused(
        "evaluate", run, "--data", "ham10000", "--data", "ham10000", exit_status=2
    )


def test_of_its_own_target_nothing_is_judged_that_it_has_seen(calibrated):
    place = calibrated.place
    found = place.json("evaluate", calibrated.run, "--data", "pad-ufes-20", "--draws", "0")
    expected = place.json("evaluate", calibrated.run, "--draws", "0")
    assert found["confusion"] == expected["confusion"]
    split = pd.read_csv(calibrated.folder / "split.csv", dtype=str)
    seen = split["part"].isin(["train", "validation"]).sum()
    assert found["left_out"]["pad-ufes-20"]["seen"] == seen


def test_a_new_photograph_of_a_patient_that_it_was_trained_on_is_left_out(calibrated, tmp_path):
    """Its contents are new, its patient is not."""
    import shutil

    from PIL import Image

    place = calibrated.place
    shutil.copytree(place.data / "pad-ufes-20", tmp_path / "data" / "pad-ufes-20")
    split = pd.read_csv(calibrated.folder / "split.csv", dtype=str).set_index("case_id")
    table = tmp_path / "data" / "pad-ufes-20" / "metadata.csv"
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    trained = next(row for row in rows if split.loc[row["img_id"].removesuffix(".png"), "part"] == "train")
    tested = next(row for row in rows if split.loc[row["img_id"].removesuffix(".png"), "part"] == "test")
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
        for number, row in enumerate((trained, tested)):
            name = f"new_{number}.png"
            pixels = np.random.default_rng(number).integers(0, 255, (48, 48, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "data" / "pad-ufes-20" / "images" / "imgs_part_2" / name)
            writer.writerow({**row, "img_id": name})
    asked = ("evaluate", calibrated.run, "--data", "pad-ufes-20", "--draws", "0", "--table", tmp_path / "t.csv")
    place.json(*asked, DERM_DATA=str(tmp_path / "data"))
    judged = set(read_predictions(tmp_path / "t.csv").case_ids)
    assert "new_0" not in judged
    assert "new_1" in judged


def test_a_dataset_of_which_nothing_is_left(calibrated, tmp_path):
    from tests.support import trees

    trees.make_ham(tmp_path / "ham10000", per_class=2)
    table = tmp_path / "ham10000" / "HAM10000_metadata"
    lines = [line for line in table.read_text().splitlines() if line.split(",")[2] in ("dx", "vasc", "df")]
    table.write_text("\n".join(lines) + "\n")
    said = calibrated.place.refused("evaluate", calibrated.run, "--data", "ham10000", DERM_DATA=str(tmp_path))
    assert "No photograph of 'ham10000' is left" in said
    assert "4 fall into none of its classes" in said


def test_who_is_referred_follows_what_is_asked_for(place, run):
    usual = place.json("evaluate", run, "--draws", "0", "--refer-at", "0.5", "0.7")["referral"]
    assert [(each["name"], each["target"]) for each in usual] == [("now", 0.5), ("soon", 0.7), ("no", None)]
    eager = place.json("evaluate", run, "--draws", "0", "--refer-at", "0.7", "0.8")["referral"]
    assert [each["target"] for each in eager] == [0.7, 0.8, None]
    assert eager[0]["threshold"] <= usual[0]["threshold"]
    assert eager[0]["cases"] >= usual[0]["cases"]
    printed = place.derm("evaluate", run, "--draws", "0", "--refer-at", "0.5", "0.75", COLUMNS="250").stdout
    assert "Referral now, soon or not" in printed
    assert "50% of malignant" in printed
    assert "75% of malignant and indeterminate" in printed
    assert "promised %" in printed


def test_who_cannot_be_promised_is_told_how_many_it_takes(place, run):
    """The validation part has about ten patients to be found: too few for 95 %, and no number is enough for all."""
    for asked, needed in (("0.95", "for which 19 "), ("1", "for which no number is enough")):
        found = place.json("evaluate", run, "--draws", "0", "--refer-at", "0.5", asked)
        assert found["referral"] == []
        (note,) = [each for each in found["notes"] if "cannot promise" in each]
        assert needed in note
        assert "--refer-at asks for less" in note
    stored = json.loads((place.runs / run / "evaluation.json").read_text())
    assert stored["referral"] == [], "95 % are asked for by default"
    (refused,) = [each for each in stored["triage"]["with_indeterminate"]["refused"] if each["target"] == 0.95]
    assert refused["groups"] < refused["needed"] == 19
    printed = place.derm("evaluate", run, "--draws", "0", COLUMNS="250").stdout
    patients = f" of {refused['groups']} patients" if refused["groups"] < refused["cases"] else ""
    assert f"{refused['cases']}{patients}, 19 needed" in printed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["0.9", "0.8"], "--refer-at '0.9' is above '0.8'"),
        (["0", "0.8"], "'--refer-at'"),
        (["0.5", "1.1"], "'--refer-at'"),
    ],
)
def test_what_cannot_be_referred_at(place, run, options, said):
    assert said in place.refused("evaluate", run, "--refer-at", *options, exit_status=2)


def test_datasets_that_are_one_or_share_photographs_are_told(calibrated, tmp_path):
    ham = calibrated.place.data / "ham10000"
    shutil.copytree(ham, tmp_path / "copy")
    settings = tmp_path / "derm.toml"
    settings.write_text(
        f'[datasets.same]\npath = "{ham}"\nreader = "ham10000"\n'
        f'[datasets.copy]\npath = "{tmp_path / "copy"}"\nreader = "ham10000"\n'
    )
    asked = ("evaluate", calibrated.run, "--draws", "0", "--data", "ham10000", "--data")
    sentence = calibrated.place.refused(*asked, "same", exit_status=2, DERM_CONFIG=str(settings))
    assert "Datasets 'ham10000' and 'same' are both in" in sentence
    warning = calibrated.place.derm(*asked, "copy", DERM_CONFIG=str(settings)).stderr
    assert "photographs are in several of the datasets and count in each" in warning
