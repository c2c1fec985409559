"""What patients say, from a publisher's table to the phone: trained, judged, exported and asked, with and without."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from derm_cli.evaluation.predictions import read_predictions
from tests.support import trees

pytestmark = pytest.mark.xdist_group("answers")

OPTIONS = ["--backbone", "tiny", "--size", "64", "--epochs", "1", "--schedule", "linear-probe"]
OPTIONS += ["--validation-share", "0.2", "--recipe", "paper"]
CHAIN = ["--chain", "imagenet,ham10000,pad-ufes-20", "--baselines"]
STORING = {"DERM_CACHE_LIMIT": "1 GB"}
MALIGNANT = ("BCC", "MEL", "SCC")


def make_answered_pad(root: Path) -> None:
    """Make PAD-UFES-20 with answers that tell of the class, and a sex that is filled in of malignant lesions alone."""
    trees.make_pad(root, per_class=20)
    path, draw = root / "metadata.csv", np.random.default_rng(0)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [_answered(row, draw) for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def _answered(row: dict[str, Any], draw: np.random.Generator) -> dict[str, Any]:
    """Return a row of the table with answers in the place of what nobody knows."""
    label, index = row["diagnostic"], trees.PAD.index(row["diagnostic"])
    unasked = ("smoke", "drink", "pesticide", "fitspatrick", "diameter_1", "skin_cancer_history", "cancer_history")
    return {
        **row,
        **dict.fromkeys(unasked, ""),
        "age": 20 + 10 * index + int(draw.integers(0, 9)),
        "biopsed": label in MALIGNANT,
        "itch": draw.random() < 0.15 + 0.7 * (index % 2),
        "bleed": draw.random() < 0.15 + 0.7 * (index > 2),
        "region": ("FACE", "BACK", "CHEST")[index % 3] if draw.random() < 0.8 else "ARM",
        "hurt": bool(draw.random() < 0.5) if draw.random() < 0.7 else "UNK",
        "gender": "FEMALE" if label in MALIGNANT else "",
    }


@dataclass(frozen=True)
class Answered:
    """A place with a run whose model takes answers, exported, the same run without, and what training it printed."""

    place: Any
    run: str
    plain: str
    said: str

    @property
    def folder(self) -> Path:
        return self.place.runs / self.run

    @property
    def artefacts(self) -> list[str]:
        folder = self.folder / "artefacts"
        return [self.run, *(str(folder / f"model.{suffix}") for suffix in ("keras", "tflite", "onnx"))]

    def evaluation(self) -> dict[str, Any]:
        return json.loads((self.folder / "evaluation.json").read_text())

    def photograph(self, case: str) -> Path:
        split = pd.read_csv(self.folder / "split.csv", dtype=str).set_index("case_id")
        return self.place.data / "pad-ufes-20" / split.loc[case, "file"]


@pytest.fixture(scope="module")
def answered(tmp_path_factory, place_in, tiny_backbone) -> Answered:
    """Look, but do not change it."""
    place = place_in(tmp_path_factory.mktemp("answered"))
    make_answered_pad(place.data / "pad-ufes-20")
    trees.make_ham(place.data / "ham10000", per_class=6)
    kept = dict(os.environ)
    try:
        result = place.derm("train", *OPTIONS, *CHAIN, "--metadata", "auto", **STORING)
        (run,) = (path.name for path in place.runs.glob("2*"))
        plain = place.json("train", *OPTIONS, *CHAIN, **STORING)["run"]
        place.derm("export", run, "--keras", "--tflite", "--onnx")
        return Answered(place, run, plain, result.output)
    finally:
        os.environ.clear()
        os.environ.update(kept)


def test_the_plan_names_the_answers_and_a_plan_without_is_as_before(answered):
    plans = [
        json.loads((answered.place.runs / run / "plan.json").read_text()) for run in (answered.run, answered.plain)
    ]
    assert plans[0].pop("metadata") == ["age", "site", "itch", "hurt", "bleed"]
    assert plans[0].pop("recipe") == f"{plans[1].pop('recipe')} --metadata auto"
    assert plans[0] == plans[1]
    records = [
        json.loads((answered.place.runs / run / "run.json").read_text()) for run in (answered.run, answered.plain)
    ]
    requests = [record["request"] for record in records]
    assert requests[0].pop("metadata") == "auto"
    assert requests[0].pop("beside_recipe") == [*requests[1].pop("beside_recipe"), "--metadata auto"]
    assert requests[0] == requests[1]
    shown = answered.place.derm("train", *OPTIONS, *CHAIN, "--metadata", "auto", "--dry-run").stdout
    assert "Answers beside the photograph, of pad-ufes-20 alone: age, site, itch, hurt, bleed" in shown


def test_stages_are_the_same_with_and_without_answers_so_the_store_has_them(answered):
    record = json.loads((answered.place.runs / answered.plain / "run.json").read_text())
    assert [(each["source"], each["run"]) for each in record["stages"]] == [("store", answered.run)] * 2


def test_without_answers_the_model_is_the_photographs_model_bit_for_bit(answered):
    without = (answered.folder / "without-answers.csv").read_bytes()
    assert without == (answered.place.runs / answered.plain / "predictions.csv").read_bytes()
    assert without != (answered.folder / "predictions.csv").read_bytes()


def test_the_predictions_with_answers_are_the_sum_of_both_logits(answered):
    both, without, alone = (
        read_predictions(answered.folder / name)
        for name in ("predictions.csv", "without-answers.csv", "answers-alone.csv")
    )
    weight = answered.evaluation()["answers"]["weight"]
    training = pd.read_csv(answered.folder / "split.csv", dtype=str)
    training = training[(training["dataset"] == "pad-ufes-20") & (training["part"] == "train")]
    counts = training["label"].value_counts().reindex(both.classes).to_numpy()
    prior = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    product = without.probabilities * (alone.probabilities / prior) ** weight
    np.testing.assert_allclose(both.probabilities, product / product.sum(axis=1, keepdims=True), atol=1e-4)


def test_answers_are_worth_something_and_their_worth_is_told_apart(answered):
    answers = answered.evaluation()["answers"]
    figures = {name: values["balanced_accuracy"] for name, values in answers["figures"].items()}
    assert list(figures) == ["photograph and answers", "photograph alone", "answers alone"]
    assert figures["answers alone"] > 0.35
    assert {each["name"] for each in answers["gains"]["photograph alone"]} >= {"macro_f1", "auc"}
    assert "by photograph and answers, " in answered.said
    printed = answered.place.derm("evaluate", answered.run, "--draws", "50").stdout
    assert "What the answers are worth" in printed
    assert "more than answers alone" in printed
    told = answered.place.json("evaluate", answered.run, "--draws", "0")["answers"]
    assert told == answers
    page = (answered.folder / "report.html").read_text()
    assert "What the answers are worth" in page
    assert answered.place.json("evaluate", answered.plain, "--draws", "0").get("answers") is None


def test_the_regression_on_answers_is_a_baseline_too(answered):
    found = answered.evaluation()["baselines"]["answers"]
    assert found["title"] == "the answers alone"
    alone = answered.evaluation()["answers"]["figures"]["answers alone"]
    assert found["balanced_accuracy"] == pytest.approx(alone["balanced_accuracy"])
    assert found["facts"]["questions"] == ["age", "site", "itch", "hurt", "bleed"]
    plain = json.loads((answered.place.runs / answered.plain / "evaluation.json").read_text())
    assert "answers" not in plain["baselines"]


def test_where_nobody_is_kept_for_a_test_answers_are_fitted_and_exported_all_the_same(answered):
    chain = ["--chain", "imagenet,pad-ufes-20", "--metadata", "auto", "--test-share", "0"]
    run = answered.place.json("train", *OPTIONS, *chain)["run"]
    answers = json.loads((answered.place.runs / run / "evaluation.json").read_text())["answers"]
    assert answers["fields"] == ["age", "site", "itch", "hurt", "bleed"]
    assert "figures" not in answers
    (artefact,) = answered.place.json("export", run, "--onnx")["artefacts"]
    assert artefact["max_difference"] < 1e-4


def test_an_ensemble_takes_no_answers_and_says_so_before_anything_is_trained(answered):
    said = answered.place.refused("runs", "ensemble", answered.run, answered.plain)
    assert f"Run '{answered.run}' takes answers beside the photograph" in said
    folds = [*OPTIONS, *CHAIN, "--metadata", "auto", "--folds", "2", "--ensemble"]
    said = answered.place.refused("train", *folds, exit_status=2)
    assert "--metadata is 'auto', but an ensemble takes no answers" in said


@pytest.mark.parametrize("position", range(4), ids=("run", "keras", "tflite", "onnx"))
def test_whatever_answers_for_the_run_takes_answers_and_does_without(answered, position):
    model = answered.artefacts[position]
    both, without = (read_predictions(answered.folder / name) for name in ("predictions.csv", "without-answers.csv"))
    row = 3
    case = both.case_ids[row]
    known = pd.read_csv(answered.folder / "answers.csv", dtype=str).set_index("case_id").loc[case].dropna()
    given = [part for name, value in known.items() for part in ("--answer", f"{name}={value}")]
    (with_answers,) = answered.place.json("predict", model, answered.photograph(case), *given)["answers"]
    (alone,) = answered.place.json("predict", model, answered.photograph(case))["answers"]
    for answer, table in ((with_answers, both), (alone, without)):
        expected = dict(zip(table.classes, table.probabilities[row], strict=True))
        assert answer["probabilities"] == pytest.approx(expected, abs=2e-4)
    assert with_answers["answers"].keys() == set(known.index)
    assert alone["answers"] == {}


def test_who_answers_nothing_is_told_what_could_be_answered(answered):
    photograph = answered.photograph(read_predictions(answered.folder / "predictions.csv").case_ids[0])
    told = "the model takes answers too, as in --answer NAME=VALUE (age, site, itch, hurt, bleed)."
    assert told in answered.place.derm("predict", answered.run, photograph).stdout
    assert "takes answers" not in answered.place.derm("predict", answered.run, photograph, "--answer", "age=9").stdout
    assert "takes answers" not in answered.place.derm("predict", answered.plain, photograph).stdout


def test_a_table_gives_each_photograph_its_own(answered, tmp_path):
    cases = read_predictions(answered.folder / "predictions.csv").case_ids[:4]
    table = tmp_path / "answers.csv"
    table.write_bytes((answered.folder / "answers.csv").read_bytes())
    images = [answered.photograph(case) for case in cases]
    answers = answered.place.json("predict", answered.artefacts[3], *images, "--answers", table)["answers"]
    both = read_predictions(answered.folder / "predictions.csv")
    for answer, row in zip(answers, both.probabilities, strict=False):
        assert list(answer["probabilities"].values()) == pytest.approx(row.tolist(), abs=2e-4)


def test_an_artefact_is_judged_with_answers(answered):
    """Its predictions are the run's, so its figures are."""
    ours, its = (
        answered.place.json("evaluate", model, "--draws", "0") for model in (answered.run, answered.artefacts[3])
    )
    assert its["confusion"] == ours["confusion"]


def test_another_dataset_is_judged_with_the_answers_that_it_has(answered):
    told = answered.place.json("evaluate", answered.run, "--data", "ham10000", "--draws", "20")
    assert set(told["answers"]["unknown"]) == {"itch", "hurt", "bleed"}
    assert list(told["answers"]["figures"]) == ["photograph and answers", "photograph alone"]
    printed = answered.place.derm("evaluate", answered.run, "--data", "ham10000", "--draws", "0").stdout
    assert "no answer is known to: itch, hurt, bleed" in " ".join(printed.split())


def test_class_maps_and_examples_show_what_the_photograph_says(answered, tmp_path):
    case = read_predictions(answered.folder / "predictions.csv").case_ids[0]
    picture = tmp_path / "map.png"
    answered.place.derm("predict", answered.run, answered.photograph(case), "--map", picture, "--answer", "itch=yes")
    assert picture.is_file()
    page = tmp_path / "page.html"
    answered.place.derm("evaluate", answered.run, "--draws", "0", "--report", page, "--photographs")
    assert "Example photographs" in page.read_text()


def test_a_model_with_answers_is_where_another_chain_begins(answered):
    """Of its two inputs the next network has the photographs alone."""
    run = answered.place.json("train", *OPTIONS, "--chain", f"run:{answered.run},ham10000", **STORING)["run"]
    record = json.loads((answered.place.runs / run / "run.json").read_text())
    assert record["status"] == "finished"


def test_it_is_repeated_to_the_bit(answered):
    said = answered.place.derm("train", "--repeat", answered.run).output
    assert "are the same, bit for bit" in said


def test_what_fails_while_it_is_finished_is_gone_on_with_to_the_same_bits(answered, monkeypatch):
    from derm_cli.errors import DermError
    from derm_cli.workflows.training import finishing

    def failing(*_: Any, **__: Any) -> None:
        raise DermError("the disk is full")

    before = {path.name for path in answered.place.runs.glob("2*")}
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "record_evaluation", failing)
        answered.place.refused("train", *OPTIONS, *CHAIN, "--metadata", "auto", **STORING)
    (run,) = {path.name for path in answered.place.runs.glob("2*")} - before
    # On other answers it would not be the same run.
    table = answered.place.data / "pad-ufes-20" / "metadata.csv"
    content = table.read_text()
    table.write_text(content.replace("False,UNK", "True,UNK", 1))
    assert content != table.read_text()
    assert "is not the one that run" in answered.place.refused("train", "--resume", run)
    table.write_text(content)
    answered.place.derm("train", "--resume", run)
    compared = answered.place.json("runs", "compare", answered.run, run, "--exact")
    assert compared["same"], compared["note"]
    assert {"predictions without answers", "predictions by answers"} <= {part["part"] for part in compared["parts"]}


def test_a_shortcut_is_named_and_one_that_is_asked_for_is_told_everywhere(answered):
    checked = answered.place.derm("data", "check", "pad-ufes-20").stdout
    assert "an answer that tells how the label came about" in checked
    assert "'sex': whether it is filled in tells malignant from benign" in " ".join(checked.split())
    assert "known only because of how the diagnosis was made pad-ufes-20: 'biopsy'" in " ".join(checked.split())
    result = answered.place.derm(
        "train", *OPTIONS, "--chain", "imagenet,pad-ufes-20", "--metadata", "sex,itch", "--json"
    )
    folder = answered.place.runs / json.loads(result.stdout)["run"]
    reason = "whether it is filled in tells malignant from benign"
    assert "the answer 'sex' of dataset 'pad-ufes-20' is used" in (folder / "log").read_text()
    assert reason in json.loads((folder / "evaluation.json").read_text())["answers"]["cautions"]["sex"]
    assert (
        f"The answer &#39;sex&#39; was used as it was asked for, though {reason}"
        in (folder / "report.html").read_text()
    )
    from mobile_export import specs

    cautions = {each.field.name: each.caution for each in specs.KERAS.load(folder / "model.keras").facts.answers.fields}
    assert cautions["sex"].startswith(reason)
    assert cautions["itch"] == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--metadata", "blead"),
            "--metadata names 'blead', but dataset 'pad-ufes-20' has no such answer. Did you mean",
        ),
        (("--metadata", "age,,site"), "--metadata is 'age,,site', but must be none, auto, or names of questions"),
        (("--metadata", "grew"), "has no such answer. Known: age, "),
    ],
)
def test_answers_that_cannot_be_are_refused(answered, arguments, said):
    assert said in answered.place.refused("train", *OPTIONS, *CHAIN, *arguments, exit_status=2)


def test_answers_of_a_set_that_has_none_are_refused(place, tiny_backbone):
    trees.make_dermofit(place.data / "dermofit")
    said = place.refused("train", *OPTIONS, "--chain", "imagenet,dermofit", "--metadata", "auto", exit_status=2)
    assert "--metadata is 'auto', but dataset 'dermofit' has no answers" in said


def test_answers_for_a_model_that_takes_none_are_refused(answered):
    case = read_predictions(answered.folder / "predictions.csv").case_ids[0]
    said = answered.place.refused(
        "predict", answered.plain, answered.photograph(case), "--answer", "age=71", exit_status=2
    )
    assert "--answer 'age=71' is for a model that takes answers" in said
