import pytest

from derm_cli.evaluation.metrics.severity import (
    is_positive,
    positive_scores,
    predicted_severities,
    true_severities,
)
from tests.support.synthetic_tables import SEVERITIES, small


def test_a_class_without_a_severity_is_neither_positive_nor_negative() -> None:
    table = small("BMX", "XIM", "BIMX", [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], [0.0, 0.0, 0.9, 0.1]])
    truth, predicted = true_severities(table, SEVERITIES), predicted_severities(table, SEVERITIES)
    assert (truth.tolist(), predicted.tolist()) == ([0, 2, -1], [-1, 1, 2])
    assert is_positive(truth, ("malignant",)).tolist() == [False, True, False]
    assert is_positive(predicted, ("indeterminate", "malignant")).tolist() == [False, True, True]
    scores = positive_scores(table, SEVERITIES, ("indeterminate", "malignant"))
    assert scores is not None
    assert scores.tolist() == pytest.approx([0.5, 0.5, 0.9])
    assert positive_scores(small("BM", "BM", "BM"), SEVERITIES, ("malignant",)) is None
