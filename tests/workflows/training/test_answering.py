"""The weight of the answers beside the photograph: chosen on the validation part, and 1 where that tells little."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.locating import LocatedDataset
from derm_cli.data.records import Records
from derm_cli.plugin import common_fields
from derm_cli.workflows.training import answering
from derm_cli.workflows.training.answering import LARGEST_WEIGHT, chosen_weight, fit_answers
from tests.support.run_folders import CLASSES, PLAN


def made_logits(weight: float, count: int, seed: int = 0):
    """Return logits of photograph and answers, (n, 3) each, and labels drawn with the answers' weight as given."""
    draw = np.random.default_rng(seed)
    logits, added = draw.normal(size=(count, 3)), draw.normal(size=(count, 3)) * 2
    summed = logits + weight * added
    labels = np.array([draw.choice(3, p=np.exp(row) / np.exp(row).sum()) for row in summed])
    return logits, added, labels


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0, 1.8])
def test_it_is_the_one_that_the_labels_were_drawn_by(weight):
    assert chosen_weight(*made_logits(weight, 40_000)) == pytest.approx(weight, abs=0.05)


def test_few_photographs_hardly_move_it_from_one():
    moved = [abs(chosen_weight(*made_logits(0.0, count)) - 1) for count in (0, 3, 4000)]
    assert moved[0] == 0
    assert moved[1] < moved[2]


def test_it_is_bounded_and_one_where_logits_are_no_numbers():
    logits, added, _ = made_logits(1.0, 50)
    assert chosen_weight(logits * 0, added * 1e-3, added.argmax(axis=1)) <= LARGEST_WEIGHT
    assert chosen_weight(logits * np.nan, added, added.argmax(axis=1)) == 1


def test_by_hand():
    """One photograph, two classes, logits 1 apart and answers 2: its weight w solves (w - 1) / 0.15^2 = 2 q(w)."""
    found = chosen_weight(np.array([[0.0, 1.0]]), np.array([[2.0, 0.0]]), np.array([0]))
    wrong = 1 / (1 + np.exp(2 * found - 1))
    assert (found - 1) / 0.15**2 == pytest.approx(2 * wrong, abs=1e-4)


def made_job(tmp_path, bleeds, metadata=("bleed",)):
    """Return as much of a job as answers are fitted on: thirty cases of two classes, without a validation part."""
    labels = np.arange(30) % 2
    frame = pd.DataFrame(
        {
            "dataset": ["clinic"] * 20 + ["other"] * 10,
            "case_id": [str(row) for row in range(30)],
            "label": np.array(["MEL", "NEV"])[labels],
            "diagnosis": "",
            "bleed": bleeds,
            "group": [f"P{row}" for row in range(30)],
        }
    )
    records = Records(
        LocatedDataset("clinic", None, tmp_path),
        CLASSES,
        frame.assign(bleed=["yes", "no"] * 15),
        pd.DataFrame(),
        metadata=common_fields("bleed"),
    )
    samples = SimpleNamespace(cases=frame, labels=labels.astype(np.int32))
    return SimpleNamespace(
        plan=replace(PLAN, metadata=metadata),
        prepared=SimpleNamespace(records={"clinic": records}),
        run_data=SimpleNamespace(training=(samples,), target_validation=None),
    )


def test_a_plan_without_answers_has_none(tmp_path):
    assert fit_answers(made_job(tmp_path, [None] * 30, ()), None) is None


def test_the_target_s_cases_alone_are_fitted(tmp_path):
    """The other dataset says the opposite, and is not heard."""
    fitted = fit_answers(made_job(tmp_path, ["yes", "no"] * 10 + ["no", "yes"] * 5), None)
    assert fitted.weight == 1
    (bleed,) = fitted.encoding.fields
    assert bleed.shares == (0.5,)
    assert fitted.weights.dtype == np.float32
    assert fitted.weights.shape == (1, 2)
    assert fitted.weights[0, 0] > 0.1
    assert fitted.to_json() | {"strength": 0} == {"fields": ["bleed"], "cautions": {}, "weight": 1.0, "strength": 0}


def test_where_nobody_in_the_training_part_answered_the_model_takes_no_answers(tmp_path, capsys):
    assert fit_answers(made_job(tmp_path, [None] * 20 + ["yes"] * 10), None) is None
    assert "no training photograph of 'clinic' has an answer to bleed" in " ".join(capsys.readouterr().err.split())


def test_the_weight_is_chosen_beside_the_views_by_which_the_model_answers(tmp_path, monkeypatch):
    job, asked = made_job(tmp_path, ["yes", "no"] * 15), []
    part = job.run_data.training[0]
    job.run_data.target_validation = part
    logits = np.random.default_rng(4).normal(size=(30, 2))

    def over_views(network, samples, views):
        asked.append((network, samples, views))
        return logits

    monkeypatch.setattr(answering, "viewed_logits", over_views)
    fitted = fit_answers(job, "network", ("turned",))
    assert asked == [("network", part, ("turned",))]
    added = fitted.encode(part.cases).astype(np.float64) @ fitted.regression.weights
    assert fitted.weight == chosen_weight(logits, added, part.labels) != 1
