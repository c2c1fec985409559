"""The Markdown holds figures, differences and an ablation, and says what did not help."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.recipes.figures import Estimate, compare
from benchmarks.recipes.methods import Form, methods_of
from benchmarks.recipes.results import MACRO_F1, DatasetResults, shown
from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.metrics.metric_table import CALIBRATION_METRICS
from derm_cli.plugin import RecipeSpec
from derm_cli.taxonomy import LesionClass
from tests.support.synthetic_tables import random_table

CLASSES = tuple(
    LesionClass(name=f"C{number:02}", title="t", diagnoses=(diagnosis,))
    for number, diagnosis in enumerate(("Malignant:Malignant epidermal proliferations", "Benign:a", "Benign:b"))
)
STRONG = RecipeSpec(name="strong", title="t", source="s", values={"epochs": 9, "phase": ("mixing=mixup",)})


@pytest.fixture(scope="module")
def results():
    table = random_table(1, 200, 3, per_patient=2)
    truth = np.eye(3)[table.class_indices(table.labels)]
    good = replace(table, predictions=table.labels, probabilities=0.2 * table.probabilities + 0.8 * truth)

    def worsened(share):
        """Return the table with the answers of so many cases those of another."""
        moved = np.where(np.arange(200) < share * 200, np.roll(np.arange(200), 7), np.arange(200))
        return replace(good, predictions=good.predictions[moved], probabilities=good.probabilities[moved])

    shares = {
        "most-frequent": 1.0,
        "features+answers": 0.6,
        "plain": 0.6,
        "plain+late": 0.4,
        "strong": 0.1,
        "strong+chain": 0.1,
        "strong+answers": 0.0,
        "strong+late": 0.3,
        "strong-without-epochs=9": 0.7,
        "strong-without-mixing=mixup": 0.1,
    }
    named = {each.name: each for each in methods_of({"strong": STRONG}, "ham10000", Form(), ["metadata"], "strong")}
    comparison = compare({name: worsened(share) for name, share in shares.items()}, CLASSES, draws=100)
    methods = [named[name] for name in shares]
    seconds = {name: [10.0, 12.0, 99.0] for name in shares}
    return DatasetResults("ham10000", Form(), 5, 200, 100, methods, comparison, seconds, ["Not finished: `x`."])


def test_each_method_has_a_row_of_figures_and_its_seconds(results):
    rows = results._figures().splitlines()
    assert rows[0].startswith("| method | balanced accuracy % | macro F1 % |")
    assert len(rows) == 2 + 8, "an ablation has a table of its own"
    assert all(row.endswith(" 12 (99) |") for row in rows[2:])


def test_differences_are_from_the_plain_script_and_of_an_ablation_from_the_whole(results):
    text = results.markdown()
    assert text.startswith("### ham10000\n\neffnet-lite0, 160² where a recipe has no size; 5 of 5 folds")
    _, _, differences = text.partition("Paired differences from the plain script")
    plain, _, ablation = differences.partition("What becomes of `strong` without each of its parts")
    assert "| `strong` | +" in plain
    assert "| `plain` |" not in plain
    assert "| `strong-without-epochs=9` | -" in ablation
    assert "| `strong-without-mixing=mixup` | +0.0 (+0.0 to +0.0) |" in ablation


def test_marks_are_reached_or_missed_and_what_did_not_help_is_said(results):
    sentences = results.markdown().splitlines()
    verdicts = {line.split("`")[1::2][0] + " " + line.split("`")[1::2][-1]: line for line in sentences if ": `" in line}
    assert verdicts["strong plain"].startswith("- Reached: ")
    assert "to be 5 with an interval above 0" in verdicts["strong plain"]
    assert verdicts["strong+answers features+answers"].startswith("- Reached: ")
    assert verdicts["strong+answers plain+late"].startswith("- Reached: ")
    unhelpful = [line for line in sentences if line.startswith("- Not shown to help")]
    text = "\n".join(unhelpful)
    assert "another set first, for `strong`" in text
    assert "answers, fused late, for `strong`" in text
    assert "`mixing=mixup` in `strong`" in text
    assert "`epochs=9` in `strong`" not in text
    assert sentences[-1] == "- Not finished: `x`."


def test_the_script_alone_is_compared_with_nothing(results):
    alone = replace(results, methods=[results.by_name["plain"]])
    assert "Paired differences" not in alone.markdown()


def test_a_missed_mark_is_said(results):
    points = {**results.comparison.points, "strong/macro_f1": results.comparison.points["plain/macro_f1"] + 0.049}
    missed = replace(results, comparison=replace(results.comparison, points=points))
    assert any(each.startswith("MISSED: `strong` has +4.9 ") for each in missed._verdicts())


@pytest.mark.parametrize(
    ("value", "interval", "metric", "sign", "text"),
    [
        (0.561, (0.502, 0.61), MACRO_F1, "", "56.1 (50.2–61.0)"),
        (0.05, (-0.01, 0.11), MACRO_F1, "+", "+5.0 (-1.0 to +11.0)"),
        (1.23456, None, CALIBRATION_METRICS["log_loss"], "", "1.235"),
        (None, None, MACRO_F1, "", "–"),
    ],
)
def test_an_estimate_is_shown_in_its_scale(value, interval, metric, sign, text):
    assert shown(Estimate(value, interval and Interval(*interval, "patients")), metric, sign) == text
