"""What is near enough, by variant; and that a comparison which could not fail is none."""

from __future__ import annotations

import numpy as np
import pytest

from mobile_export.bundle.comparing import checked

CLASSES = ("a", "b")
COUNT = 200
EXPECTED = np.stack([np.linspace(0.02, 0.98, COUNT), np.linspace(0.98, 0.02, COUNT)], axis=1)
LABELS = ["b"] * 60 + ["a"] * 140


def check(found, variant="", labels=LABELS, expected=EXPECTED):
    names = [f"{number}.png" for number in range(len(expected))]
    what = {"model": "m", "runtime": "r", "source": "s"}
    return checked(expected, found, names, labels, CLASSES, variant=variant, **what)


def shifted(shift, row=5):
    found = EXPECTED.copy()
    found[row] += (shift, -shift)
    return found


def turned(*rows):
    """Answers of which those of some rows are the other class."""
    found = EXPECTED.copy()
    found[list(rows)] = found[list(rows), ::-1]
    return found


@pytest.mark.parametrize(
    ("variant", "found", "fault"),
    [
        ("", shifted(0.9e-4), ""),
        ("", shifted(1.1e-4), "a probability differs by 0.00011, more than 0.0001"),
        ("float-input", shifted(1.1e-4), "differs by 0.00011"),
        ("of a stranger", shifted(1.1e-4), "differs by 0.00011"),
        ("float16", shifted(0.9e-2), ""),
        ("float16", shifted(1.1e-2), "differs by 0.011, more than 0.01"),
        ("int8", shifted(0.3), ""),
        ("int8", turned(0, 1, 2, 3), "the recall of 'b' is 6.7% less, more than 2%"),
        ("int8", turned(0), ""),
        ("dynamic", turned(120, 140, 160, 199), "the recall of 'a' is 2.9% less"),
        ("int16x8", turned(0, 199, 120, 121, 122), "the same answer for 97.5% alone, less than 98%"),
        ("int8", np.full_like(EXPECTED, np.nan), "a probability is no number"),
        ("", shifted(np.inf), "a probability is no number"),
    ],
)
def test_a_variant_has_its_gate(variant, found, fault):
    assert check(found, variant).fault.startswith(fault) if not fault else fault in check(found, variant).fault
    assert bool(check(found, variant).fault) == bool(fault)


@pytest.mark.parametrize("variant", ["", "float16", "int8"])
def test_agreement_on_answers_that_hardly_differ_proves_nothing(variant):
    constant = np.tile([0.3, 0.7], (20, 1))
    constant[0] += (1e-6, -1e-6)
    found = check(constant, variant, [""] * 20, constant)
    assert found.max_difference == 0
    assert "the answers differ by 1e-06 between 20 photographs" in found.fault
    assert "proves nothing" in found.fault


def test_one_photograph_proves_nothing():
    assert "proves nothing" in check(EXPECTED[:1], labels=[""], expected=EXPECTED[:1]).fault


def test_the_worst_photographs_are_named_where_it_failed_and_nowhere_else():
    found = shifted(0.02)
    found[9] += (0.05, -0.05)
    assert check(found).worst == ("9.png (0.05)", "5.png (0.02)")
    assert check(shifted(1e-5)).worst == ()


def test_the_figures_are_those_of_the_answers():
    found = check(turned(0, 1, 199), "int8")
    assert found.agreement == pytest.approx(197 / 200)
    assert found.max_difference == pytest.approx(0.96)
    assert found.mean_difference == pytest.approx(np.abs(turned(0, 1, 199) - EXPECTED).mean())
    assert found.recall == pytest.approx({"a": -1 / 140, "b": -2 / 60})
    assert found.photographs == 200
