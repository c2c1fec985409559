import json
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

from derm_cli.evaluation.metrics.classification import evaluate
from derm_cli.evaluation.predictions import Predictions, read_predictions
from tests.support.synthetic_tables import random_table, small


@pytest.mark.parametrize("seed", range(4))
def test_figures_agree_with_scikit_learn(seed: int) -> None:
    made = random_table(seed, 400, 2 + 3 * seed)
    found, truth, said = evaluate(made), made.labels, made.predictions
    assert found.cases == 400
    assert found.accuracy == pytest.approx(accuracy_score(truth, said), abs=1e-12)
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(truth, said), abs=1e-12)
    assert found.weighted_f1 == pytest.approx(f1_score(truth, said, average="weighted"), abs=1e-12)
    assert found.macro_f1 == pytest.approx(f1_score(truth, said, average="macro", zero_division=0), abs=1e-12)
    np.testing.assert_array_equal(found.counts, confusion_matrix(truth, said, labels=made.classes))
    assert made.probabilities is not None
    for place, name in enumerate(made.classes):
        figures, of_class, said_class = found.per_class[name], truth == name, said == name
        assert figures.sensitivity == pytest.approx(recall_score(of_class, said_class), abs=1e-12)
        assert figures.specificity == pytest.approx(recall_score(~of_class, ~said_class), abs=1e-12)
        assert figures.precision == pytest.approx(precision_score(of_class, said_class), abs=1e-12)
        assert figures.f1 == pytest.approx(f1_score(of_class, said_class), abs=1e-12)
        assert figures.auc == pytest.approx(roc_auc_score(of_class, made.probabilities[:, place]), abs=1e-12)
    assert found.notes == ()


def test_macro_f1_agrees_with_scikit_learn_where_classes_are_missing_on_a_side() -> None:
    made = small("AABBC", "ADBDA", "ABCDE")
    expected = f1_score(made.labels, made.predictions, average="macro", zero_division=0)
    assert evaluate(made).macro_f1 == pytest.approx(expected)


def test_by_hand() -> None:
    found = evaluate(small("AAABBC", "AABBCC", "ABC"))
    assert found.counts.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    a = found.per_class["A"]
    assert (a.support, a.predicted, a.sensitivity, a.specificity, a.precision, a.f1) == (3, 2, 2 / 3, 1.0, 1.0, 0.8)
    b = found.per_class["B"]
    assert (b.support, b.predicted, b.sensitivity, b.specificity, b.precision, b.f1) == (2, 2, 0.5, 0.75, 0.5, 0.5)
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.balanced_accuracy == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert found.macro_f1 == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    assert found.weighted_f1 == pytest.approx((3 * 0.8 + 2 * 0.5 + 2 / 3) / 6)


def test_auc_by_hand_counts_ties_as_one_half() -> None:
    # Of A: 0.9 and 0.5 against 0.5 and 0.1, that is three wins and a tie of four.
    found = evaluate(small("AABB", "AAAB", "AB", [[0.9, 0.1], [0.5, 0.5], [0.5, 0.5], [0.1, 0.9]]))
    assert found.per_class["A"].auc == 3.5 / 4


def test_undefined_figures_are_none_and_said_in_notes() -> None:
    found = evaluate(small("AAB", "AAD", "ABDE"))
    b, d, e = (found.per_class[name] for name in "BDE")
    assert (b.sensitivity, b.precision, b.f1) == (0.0, None, 0.0)
    assert (d.sensitivity, d.precision, d.f1) == (None, 0.0, 0.0)
    assert (e.sensitivity, e.specificity, e.precision, e.f1) == (None, 1.0, None, None)
    assert all(figures.auc is None for figures in found.per_class.values())
    assert found.balanced_accuracy == 0.5
    assert found.macro_f1 == pytest.approx(1 / 3)
    assert found.notes == (
        "'B' was never predicted: its precision is unknown.",
        "No test photograph of 'D': its sensitivity is unknown.",
        "No test photograph of 'E': its sensitivity is unknown.",
        "'E' was never predicted: its precision is unknown.",
        "The table has no probabilities: every AUC is unknown.",
    )


def test_one_side_only() -> None:
    found = evaluate(small("AA", "AA", "AB", [[0.9, 0.1], [0.8, 0.2]]))
    assert found.per_class["A"].specificity is None
    assert found.per_class["A"].auc is None
    assert found.per_class["B"].auc is None
    assert "Every test photograph is of 'A': its specificity is unknown." in found.notes


def test_a_class_without_a_column_has_no_auc() -> None:
    found = evaluate(small("AB", "AB", "AB", [[0.9, np.nan], [0.2, np.nan]]))
    assert (found.per_class["A"].auc, found.per_class["B"].auc) == (1.0, None)
    assert found.notes == ("No probabilities of 'B': its AUC is unknown.",)


def test_json_is_plain_and_whole() -> None:
    content = evaluate(small("AAB", "AAA", "AB")).to_json()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["confusion"] == {"classes": ["A", "B"], "counts": [[2, 0], [1, 0]]}
    figures = content["per_class"]["B"]
    ends = figures.pop("intervals")
    assert figures == {
        "support": 1,
        "predicted": 0,
        "sensitivity": 0.0,
        "specificity": 1.0,
        "precision": None,
        "npv": 2 / 3,
        "f1": 0.0,
        "auc": None,
        "average_precision": None,
    }
    assert ends["sensitivity"][2] == "wilson"
    assert set(ends) == {"sensitivity", "specificity", "npv"}
    assert content["cases"] == 3
    assert len(content["notes"]) == 2


@pytest.mark.parametrize(
    ("strategy", "table", "accuracy", "weighted", "macro"),
    [("merged", "table5_merged", 42.57, 43.34, 28.61), ("imagenet", "table6_imagenet", 42.71, 44.05, 28.64)],
)
def test_the_figures_of_the_paper(
    real_data: Path, strategy: str, table: str, accuracy: float, weighted: float, macro: float
) -> None:
    paper = real_data.parent / "paper"
    found = evaluate(read_predictions(paper / f"predictions_{strategy}.csv"))
    assert found.cases == 686
    overall = [round(100 * value, 2) for value in (found.accuracy, found.weighted_f1, found.macro_f1)]
    assert overall == [accuracy, weighted, macro]
    rows = pd.read_csv(paper / f"{table}.csv").to_dict("records")
    assert [row["class"] for row in rows] == list(found.classes)
    for row in rows:
        figures = found.per_class[row["class"]]
        assert figures.support == row["test_cases"]
        for name in ("sensitivity", "precision", "f1"):
            # The paper prints 0.00 for the precision of a class never predicted.
            assert 100 * (getattr(figures, name) or 0.0) == pytest.approx(row[name], abs=0.01), (row["class"], name)


def test_more_figures_agree_with_scikit_learn() -> None:
    made = random_table(5, 300, 6)
    found, truth = evaluate(made, draws=0), made.labels
    probabilities = made.probabilities
    assert probabilities is not None
    assert found.kappa == pytest.approx(cohen_kappa_score(truth, made.predictions), abs=1e-12)
    assert found.mcc == pytest.approx(matthews_corrcoef(truth, made.predictions), abs=1e-12)
    assert found.auc == pytest.approx(roc_auc_score(truth, probabilities, multi_class="ovr"), abs=1e-12)
    distinct = random_table(6, 300, 6, decimals=12)
    expected = top_k_accuracy_score(distinct.labels, distinct.probabilities, k=3)
    assert evaluate(distinct, draws=0).top3 == pytest.approx(expected)
    for place, name in enumerate(made.classes):
        figures, of_class = found.per_class[name], truth == name
        expected = average_precision_score(of_class, probabilities[:, place])
        assert figures.average_precision == pytest.approx(expected, abs=1e-12)
        assert figures.npv == pytest.approx(precision_score(~of_class, made.predictions != name), abs=1e-12)
        assert figures.intervals == {}


# Their own code uses what pandas means to remove.
@pytest.mark.filterwarnings("ignore:The inplace keyword in:pandas.errors.Pandas4Warning")
def test_agrees_with_the_scoring_of_the_isic_challenges() -> None:
    """Theirs is the official scorer; its thresholded figures are at a probability of 0.5, ours at the highest.

    It is given tables, not files: its reader of CSV uses what pandas 3 has no more.
    """
    from isic_challenge_scoring.classification import ClassificationMetric, ClassificationScore

    for seed in range(3):
        made = random_table(seed, 250, 2 if seed == 2 else 5, decimals=12)
        truth = pd.DataFrame(made.labels[:, np.newaxis] == np.array(made.classes), columns=list(made.classes))
        given = pd.DataFrame(made.probabilities, columns=list(made.classes))
        ones = pd.DataFrame(1.0, index=truth.index, columns=["score_weight", "validation_weight"])
        score = ClassificationScore(truth.astype(float), given, ones, ClassificationMetric.BALANCED_ACCURACY)
        found = evaluate(made, draws=0)
        assert found.balanced_accuracy == pytest.approx(score.aggregate["balanced_accuracy"], abs=1e-9)
        for name, row in score.per_category.iterrows():
            assert found.per_class[str(name)].auc == pytest.approx(row["auc"], abs=1e-9)
            assert found.per_class[str(name)].average_precision == pytest.approx(row["ap"], abs=1e-9)
        if seed == 2:  # with two classes, the highest probability is the one above 0.5
            theirs = {"sensitivity": "sensitivity", "specificity": "specificity", "precision": "ppv", "npv": "npv"}
            for name, row in score.per_category.iterrows():
                for ours, column in {**theirs, "f1": "dice"}.items():
                    assert getattr(found.per_class[str(name)], ours) == pytest.approx(row[column], abs=1e-12)


def test_intervals_hold_their_figures_and_narrow_with_more_cases() -> None:
    few, many = (evaluate(random_table(3, cases, 4), draws=500) for cases in (80, 3000))
    for found in (few, many):
        assert set(found.intervals) >= {"accuracy", "balanced_accuracy", "macro_f1", "kappa", "mcc", "auc", "top3"}
        for name, each in found.intervals.items():
            assert each.low <= getattr(found, name) <= each.high, name
        for figures in found.per_class.values():
            assert set(figures.intervals) >= {"sensitivity", "specificity", "precision", "npv", "f1", "auc"}
            for name, each in figures.intervals.items():
                assert each.low <= getattr(figures, name) <= each.high, name
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
        found.intervals["balanced_accuracy"].high - found.intervals["balanced_accuracy"].low
        for found in map(evaluate, (grouped, alone, one_each))
    ]
    assert widths[0] == pytest.approx(widths[2], rel=0.1)
    assert widths[1] < 0.6 * widths[0]
    assert evaluate(grouped, 50).patients == 200
    assert evaluate(alone, 50).patients is None
    assert evaluate(grouped, 50).intervals["accuracy"].method == "patients"
    assert evaluate(alone, 50).intervals["accuracy"].method == "wilson"


def test_nothing_of_few_is_not_sure() -> None:
    found = evaluate(small("AAABBBBB", "BBBBBBBB", "AB"), draws=200).per_class["A"]
    assert (found.sensitivity, found.f1) == (0.0, 0.0)
    assert found.intervals["sensitivity"].low == 0.0
    assert found.intervals["sensitivity"].high > 0.5
    assert "f1" not in found.intervals


def test_the_same_table_and_seed_give_the_same_intervals() -> None:
    made = random_table(1, 200, 3)
    assert evaluate(made, 300).to_json() == evaluate(made, 300).to_json()
    assert evaluate(made, 300, seed=1).intervals["macro_f1"] != evaluate(made, 300).intervals["macro_f1"]


def test_a_prediction_that_is_not_the_most_probable_class_is_told() -> None:
    found = [[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]]
    told = evaluate(small("AAB", "BBB", "AB", found), draws=0).notes
    assert [note for note in told if "most probable" in note] == [
        "In 1 of 3 cases the prediction is not the most probable class: AUC, calibration and thresholds go by the "
        "probabilities, all else by the predictions."
    ]
    assert not evaluate(small("AAB", "ABA", "AB", found), draws=0).notes
