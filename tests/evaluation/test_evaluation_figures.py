import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from derm_cli.evaluation.figures import evaluate
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions


def random_table(seed: int, cases: int, classes: int, *, decimals: int = 2) -> Predictions:
    """Return a made table in which every class has a case and a prediction, with ties among the probabilities."""
    rng = np.random.default_rng(seed)
    names = np.array([f"C{i:02}" for i in range(classes)])
    truth = np.concatenate([np.arange(classes), rng.integers(classes, size=cases - classes)])
    scores = rng.gamma(1.0, size=(cases, classes)).round(decimals)
    scores[np.arange(cases), truth] += 0.5
    scores[np.arange(classes), np.arange(classes)] += 100
    return Predictions(
        classes=tuple(names.tolist()),
        case_ids=tuple(map(str, range(cases))),
        labels=names[truth],
        predictions=names[scores.argmax(axis=1)],
        probabilities=scores / scores.sum(axis=1, keepdims=True),
    )


def small(labels: str, predictions: str, classes: str, probabilities: object = None) -> Predictions:
    found = None if probabilities is None else np.array(probabilities, dtype=float)
    ids = tuple(map(str, range(len(labels))))
    return Predictions(tuple(classes), ids, np.array(list(labels)), np.array(list(predictions)), found)


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
    assert content["per_class"]["B"] == {
        "support": 1,
        "predicted": 0,
        "sensitivity": 0.0,
        "specificity": 1.0,
        "precision": None,
        "f1": 0.0,
        "auc": None,
    }
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


def test_a_large_table_takes_about_a_second(tmp_path: Path) -> None:
    made = random_table(9, 100_000, 13, decimals=12)
    write_predictions(made, tmp_path / "large.csv")
    begin = time.process_time()
    found = evaluate(read_predictions(tmp_path / "large.csv"))
    # Four times what it takes where it was written: a quadratic step would take minutes.
    assert time.process_time() - begin < 6
    assert found.to_json() == evaluate(made).to_json()
