"""The weight of the answers beside the photograph: chosen on the validation part, and 1 where that tells little."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.workflows.training.answering import LARGEST_WEIGHT, chosen_weight


def made_logits(weight: float, count: int, seed: int = 0):
    """Return logits of photograph and answers, (n, 3) each, and labels drawn with the answers' weight as given."""
    draw = np.random.default_rng(seed)
    logits, added = draw.normal(size=(count, 3)), draw.normal(size=(count, 3)) * 2
    summed = logits + weight * added
    labels = np.array([draw.choice(3, p=np.exp(row) / np.exp(row).sum()) for row in summed])
    return logits, added, labels


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0, 1.8])
def test_it_is_the_one_that_the_labels_were_drawn_by(weight):
    assert chosen_weight(*made_logits(weight, 4000)) == pytest.approx(weight, abs=0.08)


def test_few_photographs_hardly_move_it_from_one():
    moved = [abs(chosen_weight(*made_logits(0.0, count)) - 1) for count in (0, 3, 4000)]
    assert moved[0] == 0
    assert moved[1] < moved[2]


def test_it_is_bounded_and_one_where_logits_are_no_numbers():
    logits, added, _ = made_logits(1.0, 50)
    assert chosen_weight(logits * 0, added * 1e-3, added.argmax(axis=1)) <= LARGEST_WEIGHT
    assert chosen_weight(logits * np.nan, added, added.argmax(axis=1)) == 1


def test_by_hand():
    """One photograph, two classes, logits apart by 1 and answers by 2: its weight w solves 4 (w - 1) = 2 q(w)."""
    found = chosen_weight(np.array([[0.0, 1.0]]), np.array([[2.0, 0.0]]), np.array([0]))
    wrong = 1 / (1 + np.exp(2 * found - 1))
    assert 4 * (found - 1) == pytest.approx(2 * wrong, abs=1e-4)
