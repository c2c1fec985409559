import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    matthews_corrcoef,
    precision_score,
    recall_score,
    roc_auc_score,
    top_k_accuracy_score,
)

from derm_cli.evaluation.metrics.classification import ClassificationMeasure, evaluation_of
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.evaluation.reporting.tables.classes import class_table
from tests.support.synthetic_tables import random_table, small


@pytest.mark.parametrize("seed", range(4))
def test_figures_agree_with_scikit_learn(seed: int) -> None:
    table = random_table(seed, 400, 2 + 3 * seed)
    evaluation, truth, predicted = evaluation_of(table), table.labels, table.predictions
    assert evaluation.cases == 400
    assert evaluation.accuracy == pytest.approx(accuracy_score(truth, predicted), abs=1e-12)
    assert evaluation.balanced_accuracy == pytest.approx(balanced_accuracy_score(truth, predicted), abs=1e-12)
    assert evaluation.weighted_f1 == pytest.approx(f1_score(truth, predicted, average="weighted"), abs=1e-12)
    assert evaluation.macro_f1 == pytest.approx(f1_score(truth, predicted, average="macro", zero_division=0), abs=1e-12)
    np.testing.assert_array_equal(evaluation.counts, confusion_matrix(truth, predicted, labels=table.classes))
    assert table.probabilities is not None
    for class_index, name in enumerate(table.classes):
        metrics, of_class, predicted_class = evaluation.per_class[name], truth == name, predicted == name
        assert metrics.sensitivity == pytest.approx(recall_score(of_class, predicted_class), abs=1e-12)
        assert metrics.specificity == pytest.approx(recall_score(~of_class, ~predicted_class), abs=1e-12)
        assert metrics.precision == pytest.approx(precision_score(of_class, predicted_class), abs=1e-12)
        assert metrics.f1 == pytest.approx(f1_score(of_class, predicted_class), abs=1e-12)
        assert metrics.auc == pytest.approx(roc_auc_score(of_class, table.probabilities[:, class_index]), abs=1e-12)
    assert evaluation.notes == ()


def test_macro_f1_agrees_with_scikit_learn_where_classes_are_missing_on_a_side() -> None:
    table = small("AABBC", "ADBDA", "ABCDE")
    expected = f1_score(table.labels, table.predictions, average="macro", zero_division=0)
    assert evaluation_of(table).macro_f1 == pytest.approx(expected)


def test_by_hand() -> None:
    evaluation = evaluation_of(small("AAABBC", "AABBCC", "ABC"))
    assert evaluation.counts.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    a = evaluation.per_class["A"]
    assert (a.support, a.predicted, a.sensitivity, a.specificity, a.precision, a.f1) == (3, 2, 2 / 3, 1.0, 1.0, 0.8)
    b = evaluation.per_class["B"]
    assert (b.support, b.predicted, b.sensitivity, b.specificity, b.precision, b.f1) == (2, 2, 0.5, 0.75, 0.5, 0.5)
    assert evaluation.accuracy == pytest.approx(4 / 6)
    assert evaluation.balanced_accuracy == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert evaluation.macro_f1 == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    assert evaluation.weighted_f1 == pytest.approx((3 * 0.8 + 2 * 0.5 + 2 / 3) / 6)


def test_auc_by_hand_counts_ties_as_one_half() -> None:
    # Of A: 0.9 and 0.5 against 0.5 and 0.1, that is three wins and a tie of four.
    evaluation = evaluation_of(small("AABB", "AAAB", "AB", [[0.9, 0.1], [0.5, 0.5], [0.5, 0.5], [0.1, 0.9]]))
    assert evaluation.per_class["A"].auc == 3.5 / 4


def test_undefined_figures_are_none_and_said_in_notes() -> None:
    evaluation = evaluation_of(small("AAB", "AAD", "ABDE"))
    b, d, e = (evaluation.per_class[name] for name in "BDE")
    assert (b.sensitivity, b.precision, b.f1) == (0.0, None, 0.0)
    assert (d.sensitivity, d.precision, d.f1) == (None, 0.0, 0.0)
    assert (e.sensitivity, e.specificity, e.precision, e.f1) == (None, 1.0, None, None)
    assert all(metrics.auc is None for metrics in evaluation.per_class.values())
    assert evaluation.balanced_accuracy == 0.5
    assert evaluation.macro_f1 == pytest.approx(1 / 3)
    assert evaluation.notes == (
        "'B' was never predicted: its precision is unknown.",
        "No test photograph of 'D': its sensitivity is unknown.",
        "No test photograph of 'E': its sensitivity is unknown.",
        "'E' was never predicted: its precision is unknown.",
        "The table has no probabilities: every AUC is unknown.",
        "3 cases: too few for an interval.",
    )


def test_one_side_only() -> None:
    evaluation = evaluation_of(small("AA", "AA", "AB", [[0.9, 0.1], [0.8, 0.2]]))
    assert evaluation.per_class["A"].specificity is None
    assert evaluation.per_class["A"].auc is None
    assert evaluation.per_class["B"].auc is None
    assert "Every test photograph is of 'A': its specificity is unknown." in evaluation.notes


def test_a_class_without_a_column_has_no_auc() -> None:
    evaluation = evaluation_of(small("AB", "AB", "AB", [[0.9, np.nan], [0.2, np.nan]]))
    assert (evaluation.per_class["A"].auc, evaluation.per_class["B"].auc) == (1.0, None)
    assert evaluation.notes[0] == "No probabilities of 'B': its AUC is unknown."


def test_metrics_by_name_are_those_of_all() -> None:
    table = random_table(1, 60, 5)
    weights = np.random.default_rng(0).multinomial(60, np.full(60, 1 / 60), size=3)
    measure = ClassificationMeasure(table)
    every = measure.metrics(weights)
    names = [*((name, "") for name in OVERALL_METRICS), *((name, "C02") for name in CLASS_METRICS)]
    for (name, label), values in zip(names, measure.metrics_named(names, weights), strict=True):
        np.testing.assert_array_equal(values, every[name][:, 2] if label else every[f"overall {name}"], err_msg=name)
    unknown = ClassificationMeasure(small("AB", "AB", "AB"))
    assert np.isnan(
        unknown.metrics_named([("auc", ""), ("top3", ""), ("average_precision", "A")], np.ones((1, 2)))
    ).all()


def test_json_is_plain_and_whole() -> None:
    content = evaluation_of(small("AAAAAAB", "AAAAAAA", "AB")).to_json()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["confusion"] == {"classes": ["A", "B"], "counts": [[6, 0], [1, 0]]}
    metrics = content["per_class"]["B"]
    ends = metrics.pop("intervals")
    assert metrics == {
        "support": 1,
        "predicted": 0,
        "sensitivity": 0.0,
        "specificity": 1.0,
        "precision": None,
        "npv": 6 / 7,
        "f1": 0.0,
        "auc": None,
        "average_precision": None,
        "no_interval": dict.fromkeys(("sensitivity", "f1"), "1 case: too few for an interval"),
    }
    assert ends["specificity"][2] == "wilson"
    assert set(ends) == {"specificity", "npv"}
    assert content["no_interval"] == dict.fromkeys(
        ("balanced_accuracy", "macro_f1"), "1 case of 'B': too few for an interval"
    )
    assert content["cases"] == 7
    assert content["notes"][2:] == [
        "1 case: too few for an interval of specificity of 'A'.",
        "1 case: too few for an interval of sensitivity, F1 of 'B'.",
        "1 case of 'B': too few for an interval of balanced accuracy, macro F1.",
    ]


@pytest.mark.parametrize(
    ("strategy", "table", "accuracy", "weighted", "macro"),
    [("merged", "table5_merged", 42.57, 43.34, 28.61), ("imagenet", "table6_imagenet", 42.71, 44.05, 28.64)],
)
def test_the_figures_of_the_paper(
    real_data: Path, strategy: str, table: str, accuracy: float, weighted: float, macro: float
) -> None:
    paper = real_data.parent / "paper"
    evaluation = evaluation_of(read_predictions(paper / f"predictions_{strategy}.csv"))
    assert evaluation.cases == 686
    overall = [round(100 * value, 2) for value in (evaluation.accuracy, evaluation.weighted_f1, evaluation.macro_f1)]
    assert overall == [accuracy, weighted, macro]
    rows = pd.read_csv(paper / f"{table}.csv").to_dict("records")
    assert [row["class"] for row in rows] == list(evaluation.classes)
    for row in rows:
        metrics = evaluation.per_class[row["class"]]
        assert metrics.support == row["test_cases"]
        for name in ("sensitivity", "precision", "f1"):
            # The paper prints 0.00 for the precision of a class never predicted.
            assert 100 * (getattr(metrics, name) or 0.0) == pytest.approx(row[name], abs=0.01), (row["class"], name)


def test_more_figures_agree_with_scikit_learn() -> None:
    table = random_table(5, 300, 6)
    evaluation, truth = evaluation_of(table, draws=0), table.labels
    probabilities = table.probabilities
    assert probabilities is not None
    assert evaluation.kappa == pytest.approx(cohen_kappa_score(truth, table.predictions), abs=1e-12)
    assert evaluation.mcc == pytest.approx(matthews_corrcoef(truth, table.predictions), abs=1e-12)
    assert evaluation.auc == pytest.approx(roc_auc_score(truth, probabilities, multi_class="ovr"), abs=1e-12)
    distinct = random_table(6, 300, 6, decimals=12)
    expected = top_k_accuracy_score(distinct.labels, distinct.probabilities, k=3)
    assert evaluation_of(distinct, draws=0).top3 == pytest.approx(expected)
    for class_index, name in enumerate(table.classes):
        metrics, of_class = evaluation.per_class[name], truth == name
        expected = average_precision_score(of_class, probabilities[:, class_index])
        assert metrics.average_precision == pytest.approx(expected, abs=1e-12)
        assert metrics.npv == pytest.approx(precision_score(~of_class, table.predictions != name), abs=1e-12)
        assert metrics.intervals == {}


# Their own code uses what pandas means to remove.
@pytest.mark.filterwarnings("ignore:The inplace keyword in:pandas.errors.Pandas4Warning")
def test_agrees_with_the_scoring_of_the_isic_challenges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Theirs is the official scorer; its thresholded figures are at a probability of 0.5, ours at the highest.

    It is given tables, not files: its reader of CSV uses what pandas 3 has no more, and its reader of zip files a
    package that has to be compiled, so that none has it.
    """
    monkeypatch.setitem(sys.modules, "zipfile_deflate64", zipfile)
    from isic_challenge_scoring.classification import ClassificationMetric, ClassificationScore

    for seed in range(3):
        table = random_table(seed, 250, 2 if seed == 2 else 5, decimals=12)
        truth = pd.DataFrame(table.labels[:, np.newaxis] == np.array(table.classes), columns=list(table.classes))
        given = pd.DataFrame(table.probabilities, columns=list(table.classes))
        ones = pd.DataFrame(1.0, index=truth.index, columns=["score_weight", "validation_weight"])
        score = ClassificationScore(truth.astype(float), given, ones, ClassificationMetric.BALANCED_ACCURACY)
        evaluation = evaluation_of(table, draws=0)
        assert evaluation.balanced_accuracy == pytest.approx(score.aggregate["balanced_accuracy"], abs=1e-9)
        for name, row in score.per_category.iterrows():
            assert evaluation.per_class[str(name)].auc == pytest.approx(row["auc"], abs=1e-9)
            assert evaluation.per_class[str(name)].average_precision == pytest.approx(row["ap"], abs=1e-9)
        if seed == 2:  # with two classes, the highest probability is the one above 0.5
            theirs = {"sensitivity": "sensitivity", "specificity": "specificity", "precision": "ppv", "npv": "npv"}
            for name, row in score.per_category.iterrows():
                for ours, column in {**theirs, "f1": "dice"}.items():
                    assert getattr(evaluation.per_class[str(name)], ours) == pytest.approx(row[column], abs=1e-12)


def test_intervals_hold_their_figures_and_narrow_with_more_cases() -> None:
    few, many = (evaluation_of(random_table(3, cases, 4), draws=500) for cases in (80, 3000))
    for evaluation in (few, many):
        assert set(evaluation.intervals) >= {"accuracy", "balanced_accuracy", "macro_f1", "kappa", "mcc", "auc", "top3"}
        for name, each in evaluation.intervals.items():
            assert each.low <= getattr(evaluation, name) <= each.high, name
        for metrics in evaluation.per_class.values():
            assert set(metrics.intervals) >= {"sensitivity", "specificity", "precision", "npv", "f1", "auc"}
            for name, each in metrics.intervals.items():
                assert each.low <= getattr(metrics, name) <= each.high, name
    assert many.intervals["macro_f1"].high - many.intervals["macro_f1"].low < 0.3 * (
        few.intervals["macro_f1"].high - few.intervals["macro_f1"].low
    )


def test_cases_of_one_patient_count_as_one() -> None:
    """Five photographs a patient that are all alike are one case each: the interval is as wide as of a fifth."""
    grouped = random_table(4, 1000, 4, per_patient=5)
    alone = Predictions(**{**vars(grouped), "metadata": {}})
    one_each = Predictions(
        grouped.classes,
        grouped.case_ids[::5],
        grouped.labels[::5],
        grouped.predictions[::5],
        None if grouped.probabilities is None else grouped.probabilities[::5],
    )
    widths = [
        evaluation.intervals["balanced_accuracy"].high - evaluation.intervals["balanced_accuracy"].low
        for evaluation in map(evaluation_of, (grouped, alone, one_each))
    ]
    assert widths[0] == pytest.approx(widths[2], rel=0.1)
    assert widths[1] < 0.6 * widths[0]
    assert evaluation_of(grouped, 50).groups == 200
    assert evaluation_of(alone, 50).groups is None
    assert evaluation_of(grouped, 50).intervals["accuracy"].method == "effective"
    assert evaluation_of(alone, 50).intervals["accuracy"].method == "wilson"


def test_nothing_of_few_is_not_sure() -> None:
    evaluation = evaluation_of(small("AAAAABBBBB", "BBBBBBBBBB", "AB")).per_class["A"]
    assert (evaluation.sensitivity, evaluation.f1) == (0.0, 0.0)
    for metric in ("sensitivity", "f1"):
        assert evaluation.intervals[metric].low == 0.0
        assert evaluation.intervals[metric].high > 0.4


def test_the_intervals_are_the_same_whatever_is_drawn_and_none_without_draws() -> None:
    table = random_table(1, 200, 3)
    assert evaluation_of(table, 300).to_json() == evaluation_of(table, 2, seed=1).to_json()
    assert evaluation_of(table, 0).to_json()["intervals"] == {}


def test_patients_are_counted_by_class_and_lesions_are_not_called_patients() -> None:
    table = random_table(4, 1000, 4, per_patient=5)
    lesions = Predictions(**{**vars(table), "metadata": {"lesion": table.metadata["patient"]}})
    alone = Predictions(**{**vars(table), "metadata": {}})
    for each, word in ((table, "patients"), (lesions, "lesions"), (alone, None)):
        content, shown = evaluation_of(each).to_json(), class_table(evaluation_of(each))
        for name, of_class in content["per_class"].items():
            counted = {key for key in of_class if key in ("patients", "lesions", "groups")}
            assert counted == ({word} if word else set())
            if word:
                own = table.metadata["patient"][table.labels == name]
                assert of_class[word] == len(set(own.tolist()))
        assert shown.header[1:3] == (("cases", word) if word else ("cases", "sensitivity %"))
        assert all(len(row) == len(shown.header) for row in shown.rows)


def test_a_prediction_that_is_not_the_most_probable_class_is_told() -> None:
    probabilities = [[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]]
    notes = evaluation_of(small("AAB", "BBB", "AB", probabilities), draws=0).notes
    assert [note for note in notes if "most probable" in note] == [
        "In 1 of 3 cases the prediction is not the most probable class: AUC, calibration and thresholds go by the "
        "probabilities, all else by the predictions."
    ]
    assert not evaluation_of(small("AAB", "ABA", "AB", probabilities), draws=0).notes
