"""Tables are drawn with the patients, classes and resemblance that a population says."""

import numpy as np
import pytest

from benchmarks.coverage.populations import PHOTOGRAPHS, RARE, Population, population


@pytest.mark.parametrize("classes", RARE)
@pytest.mark.parametrize("most", PHOTOGRAPHS)
def test_rare_classes_have_the_cases_that_are_said(classes: int, most: int) -> None:
    drawn = population(classes, most)
    assert len(drawn.shares) == classes
    assert sum(drawn.shares) == pytest.approx(1)
    assert np.multiply(drawn.shares, PHOTOGRAPHS[most])[: len(RARE[classes])] == pytest.approx(RARE[classes])
    table = drawn.draw(np.random.default_rng(0))
    sizes = np.bincount(table.patients)
    assert (sizes >= 1).all()
    assert (sizes <= most).all()
    assert len(sizes) == drawn.patients
    assert abs(len(table.labels) / PHOTOGRAPHS[most] - 1) < 0.4
    assert table.probabilities[0].sum(axis=1) == pytest.approx(1)


def test_photographs_of_a_patient_are_alike_and_those_of_two_are_not() -> None:
    drawn = Population(2, 30_000, (0.5, 0.5), sameness=0.5).draw(np.random.default_rng(1))
    logits = np.log(drawn.probabilities[0][:, 0] / drawn.probabilities[0][:, 1])
    noise = logits / 2 - Population.signal * (1 - 2 * drawn.labels)
    pairs = np.flatnonzero(drawn.patients[:-1] == drawn.patients[1:])
    for values in (noise, drawn.labels):
        assert np.corrcoef(values[pairs], values[pairs + 1])[0, 1] == pytest.approx(0.5, abs=0.03)
        assert abs(np.corrcoef(values[pairs[:-1]], values[pairs[1:]])[0, 1]) < 0.03


def test_two_classifiers_are_equally_good_and_differ() -> None:
    table = population(5, 10).draw(np.random.default_rng(2), classifiers=2)
    first, second = (table.predictions(classifier) for classifier in range(2))
    assert first.labels.tolist() == second.labels.tolist()
    assert first.predictions.tolist() != second.predictions.tolist()
    assert len(set(first.metadata["patient"].tolist())) == population(5, 10).patients
