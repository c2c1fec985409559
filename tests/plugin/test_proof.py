"""Answers that hardly differ prove nothing, whatever agrees with them."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.plugin import proves_nothing


@pytest.mark.parametrize(
    ("spread", "tolerance", "proves"),
    [
        (0.0, 1e-4, False),
        (0.9e-3, 1e-4, False),
        (1.1e-3, 1e-4, True),
        (0.05, 1e-2, False),
        (0.2, 1e-2, True),
        (0.9e-2, None, False),
        (1.1e-2, None, True),
    ],
)
def test_answers_must_differ_by_more_than_is_accepted(spread, tolerance, proves):
    answers = np.array([[0.5, 0.5], [0.5 + spread, 0.5 - spread], [0.5, 0.5]])
    assert bool(proves_nothing(answers, tolerance)) != proves


def test_nothing_is_proved_of_nobody():
    assert "between 0 photographs" in proves_nothing(np.zeros((0, 2)), 1e-4)
