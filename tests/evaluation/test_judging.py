import json

import numpy as np

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.subgroups import subgroups_of
from derm_cli.evaluation.metrics.triage import triage
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small

SEVERITIES = {"C00": "benign", "C01": "malignant", "C02": "indeterminate", "C03": "benign"}


def test_everything_together_is_what_each_gives_alone() -> None:
    test, validation = random_table(0, 400, 4, per_patient=2), random_table(1, 200, 4)
    metadata = {**test.metadata, "sex": np.array(["male", "female"] * 200)}
    test = Predictions(**{**vars(test), "metadata": metadata})
    judgement = judge(test, SEVERITIES, validation, draws=60)
    assert judgement.evaluation.to_json() == evaluation_of(test, 60).to_json()
    assert judgement.subgroups == subgroups_of(test, 60, severities=SEVERITIES)
    alone = triage(test, SEVERITIES, validation, 60)
    assert alone is not None
    assert judgement.triage is not None
    assert judgement.triage.to_json() == alone.to_json()
    assert judgement.prediction_sets is not None
    assert judgement.prediction_sets.chosen_on == 200
    content = judgement.to_json()
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_a_table_without_probabilities_says_what_it_cannot_tell() -> None:
    judgement = judge(small("ABAB", "ABBB", "AB"), {}, draws=10)
    assert (judgement.triage, judgement.calibration, judgement.prediction_sets, judgement.selective_prediction) == (
        None,
        None,
        None,
        (),
    )
    assert "The table has no probabilities: every AUC is unknown." in judgement.notes


def test_without_a_validation_part_nothing_is_chosen() -> None:
    judgement = judge(random_table(0, 100, 4), SEVERITIES, draws=0)
    assert judgement.prediction_sets is None
    assert judgement.calibration is not None
    assert any("no validation part" in note for note in judgement.notes)
