"""Populations from which tables of predictions are drawn: patients with photographs that resemble each other.

Each photograph has a class and, of each classifier, a score of every class: a signal for its own class, and noise.  A
share of the noise is the patient's own, so that what a classifier gets wrong it gets wrong again in the same patient; a
share of the photographs has the patient's own class.  Both are the intraclass correlations of one-way models (Donner
and Koval, Biometrics 1980), so the true values do not depend on how many photographs a patient has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.evaluation.predictions import Predictions

RARE = {3: (10, 30), 5: (5, 10, 30), 13: (5, 5, 10, 10, 30, 30)}
"""The expected cases of the rare classes of a table, by its number of classes; the others share the rest."""
PHOTOGRAPHS = {1: 300, 10: 300, 50: 600}
"""The photographs of a table, by the most that a patient has."""
LARGE = 400_000
"""The photographs of the table that stands for the population itself."""


@dataclass(frozen=True)
class Table:
    """A table that was drawn: ``labels`` and ``patients`` (n,), and each classifier's probabilities, (n, classes)."""

    labels: Indices
    patients: Indices
    probabilities: tuple[Floats, ...]

    def predictions(self, classifier: int = 0) -> Predictions:
        """Return the table of one classifier as derm reads it."""
        probabilities = self.probabilities[classifier]
        names = class_names(probabilities.shape[1])
        of_class = np.array(names)
        return Predictions(
            names,
            tuple(map(str, range(len(self.labels)))),
            of_class[self.labels],
            of_class[probabilities.argmax(axis=1)],
            probabilities,
            {"patient": np.array([f"patient {patient}" for patient in self.patients.tolist()])},
        )


@dataclass(frozen=True)
class Population:
    """Patients with 1 to ``most`` photographs, every number as likely; a table has about ``photographs`` in all.

    ``shares`` are those of the classes.  ``signal`` is how far a photograph's own class stands above the others, in
    standard deviations of the noise.  ``resemblance`` is the intraclass correlation of the noise, ``sameness`` that of
    the classes.  Two classifiers have the ``common`` share of their noise's variance in common.
    """

    most: int = 1
    photographs: int = 300
    shares: tuple[float, ...] = (0.45, 0.4, 0.1, 1 / 30, 1 / 60)
    signal: float = 2.0
    resemblance: float = 0.5
    sameness: float = 0.0
    common: float = 0.5

    @property
    def patients(self) -> int:
        """The number of patients of a table."""
        return max(1, round(self.photographs / ((1 + self.most) / 2)))

    @property
    def independent(self) -> Population:
        """The population with one photograph a patient, and very large tables: it has the same true values."""
        return Population(1, LARGE, self.shares, self.signal, 0.0, 0.0, self.common)

    def draw(self, generator: np.random.Generator, classifiers: int = 1) -> Table:
        """Draw a table with the probabilities of so many classifiers, all equally good."""
        sizes = generator.integers(1, self.most + 1, size=self.patients)
        patients = np.repeat(np.arange(len(sizes)), sizes)
        count, classes = len(patients), len(self.shares)
        own = generator.choice(classes, p=self.shares, size=len(sizes))
        labels = generator.choice(classes, p=self.shares, size=count)
        alike = generator.random(count) < np.sqrt(self.sameness)
        labels = np.where(alike, own[patients], labels)

        def noise() -> Floats:
            of_patient = generator.standard_normal((len(sizes), classes))[patients]
            of_photograph = generator.standard_normal((count, classes))
            return np.asarray(self.resemblance**0.5 * of_patient + (1 - self.resemblance) ** 0.5 * of_photograph)

        shared = noise() if classifiers > 1 else np.zeros((count, classes))
        part = self.common if classifiers > 1 else 0.0
        return Table(
            labels,
            patients,
            tuple(
                self._probabilities(labels, np.sqrt(part) * shared + np.sqrt(1 - part) * noise())
                for _ in range(classifiers)
            ),
        )

    def _probabilities(self, labels: Indices, noise: Floats) -> Floats:
        logits = noise + 0.5 * np.log(self.shares)
        logits[np.arange(len(labels)), labels] += self.signal
        powers = np.exp(2 * (logits - logits.max(axis=1, keepdims=True)))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def class_names(count: int) -> tuple[str, ...]:
    """Return the names of so many classes, as ``class 00``."""
    return tuple(f"class {index:02}" for index in range(count))


def population(classes: int, most: int, **others: float) -> Population:
    """Return the population of so many classes and at most so many photographs a patient, rare classes first."""
    photographs = PHOTOGRAPHS[most]
    rare = [cases / photographs for cases in RARE[classes]]
    frequent = classes - len(rare)
    # Each frequent class is half as large again as the next.
    sizes = 1.5 ** -np.arange(frequent)
    shares = (*rare, *((1 - sum(rare)) * sizes / sizes.sum()).tolist())
    return Population(most, photographs, shares, **others)


def large_table(of: Population, classifiers: int = 1) -> Table:
    """Return a table of independent photographs that is so large that it stands for the population."""
    return _large_table(of.independent, classifiers)


@cache
def _large_table(independent: Population, classifiers: int) -> Table:
    return independent.draw(np.random.default_rng(20_26), classifiers)
