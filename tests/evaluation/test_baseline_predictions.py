"""What baselines predicted is written beside a run's own predictions, and read back to the last bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.evaluation.baseline_predictions import (
    BaselinePredictions,
    read_baselines,
    with_probabilities,
    write_baselines,
)
from tests.support.synthetic_tables import made_baselines, random_table

TEST = replace(random_table(0, 40, 3, per_patient=2), case_ids=("=1+1", "1", *map(str, range(2, 40))))


def test_they_come_back_as_they_were_written(tmp_path: Path) -> None:
    baselines = made_baselines(TEST)
    path = tmp_path / "baselines.csv"
    write_baselines(baselines, path)
    lines = path.read_text().splitlines()
    assert lines[0] == "case_id,baseline,p_C00,p_C01,p_C02"
    assert [line.split(",")[0] for line in lines[1:3]] == ["'=1+1", "1"], "no spreadsheet runs it"
    assert len(lines) == 1 + 2 * 40
    back = read_baselines(path, TEST, {each.name: each.to_json() for each in baselines})
    assert [each.to_json() for each in back] == [each.to_json() for each in baselines]
    for one, other in zip(back[:2], baselines[:2], strict=True):
        assert one.predictions is not None
        assert other.predictions is not None
        np.testing.assert_array_equal(one.predictions.probabilities, other.predictions.probabilities)  # type: ignore[arg-type]
        np.testing.assert_array_equal(one.predictions.predictions, other.predictions.predictions)
        assert one.predictions.metadata is TEST.metadata
    assert back[2] == baselines[2]


def test_a_prediction_is_the_most_probable_class_and_of_equals_the_first() -> None:
    table = with_probabilities(TEST, np.tile([0.4, 0.4, 0.2], (40, 1)))
    assert set(table.predictions) == {"C00"}
    assert (table.labels == TEST.labels).all()


def test_they_are_of_the_cases_in_their_own_order(tmp_path: Path) -> None:
    path = tmp_path / "baselines.csv"
    noisy = made_baselines(TEST)[1]
    write_baselines([noisy], path)
    order = np.arange(40)[::-1]
    turned = replace(TEST, case_ids=TEST.case_ids[::-1], labels=TEST.labels[order], metadata={})
    (back,) = read_baselines(path, turned, {"noisy": noisy.to_json()})
    assert back.predictions is not None
    assert noisy.predictions is not None
    np.testing.assert_array_equal(back.predictions.probabilities, noisy.predictions.probabilities[order])  # type: ignore[arg-type,index]


def test_without_any_nothing_is_written(tmp_path: Path) -> None:
    failed = BaselinePredictions("answers", "the answers alone", reason="nobody was asked")
    write_baselines([failed], tmp_path / "baselines.csv")
    write_baselines([], tmp_path / "baselines.csv")
    assert list(tmp_path.iterdir()) == []
    assert read_baselines(None, TEST, {"answers": failed.to_json()}) == (failed,)
    assert read_baselines(None, TEST, {}) == ()


def test_a_case_without_a_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "baselines.csv"
    noisy = made_baselines(TEST)[1]
    write_baselines([noisy], path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(DermError, match="has no row of baseline 'noisy' for case '39': train again"):
        read_baselines(path, TEST, {"noisy": noisy.to_json()})
