"""Synthetic test parts that two classifiers answer: as good as each other, or one better by a stated amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derm_cli.evaluation.metrics.calibration import softmax
from derm_cli.evaluation.predictions import Predictions

PATIENT_SHARE = 0.5
"""The intraclass correlation: the part of what makes an answer wrong that a patient's photographs have in common."""
COMMON_SHARE = 0.6
"""The part of it that two classifiers have in common: what is hard for one is mostly hard for the other."""


@dataclass(frozen=True)
class PairPopulation:
    """Test parts of ``photographs``, of which a patient has one to ``most``, in ``classes`` of falling frequency.

    The rarest class has a share of ``rarest``.  ``gain`` is what the second classifier is better by, in units of the
    noise; 0 makes both as good.
    """

    photographs: int
    most: int
    classes: int
    rarest: float
    gain: float = 0.0
    signal: float = 1.6

    @property
    def shares(self) -> np.ndarray:
        """The shares of the classes, (classes,), the last the rarest."""
        falling = np.geomspace(1.0, 0.5 if self.classes > 2 else 1.0, self.classes - 1)
        return np.append((1 - self.rarest) * falling / falling.sum(), self.rarest)

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return labels (n,), probabilities of both classifiers (n, classes) each, and patients (n,)."""
        sizes = rng.integers(1, self.most + 1, size=self.photographs)
        patients = np.repeat(np.arange(len(sizes)), sizes)[: self.photographs]
        count = int(patients.max()) + 1
        # A patient's photographs are of one lesion, so of one class.
        labels = rng.choice(self.classes, p=self.shares, size=count)[patients]

        def noise(share: float) -> np.ndarray:
            own, of_patient = rng.normal(size=(2, self.photographs, self.classes))
            summed = np.sqrt(PATIENT_SHARE) * of_patient[patients] + np.sqrt(1 - PATIENT_SHARE) * own
            return np.asarray(np.sqrt(share) * summed)

        common = noise(COMMON_SHARE)
        own = np.eye(self.classes)[labels]
        logits = [(self.signal + gain) * own + common + noise(1 - COMMON_SHARE) for gain in (0.0, self.gain)]
        return labels, *(softmax(2 * each) for each in logits), patients  # type: ignore[return-value]


def table_of(labels: np.ndarray, probabilities: np.ndarray, patients: np.ndarray, **columns: np.ndarray) -> Predictions:
    """Return the predictions table of one classifier."""
    names = np.array([f"C{index:02}" for index in range(probabilities.shape[1])])
    return Predictions(
        tuple(names.tolist()),
        tuple(map(str, range(len(labels)))),
        names[labels],
        names[probabilities.argmax(axis=1)],
        probabilities,
        {"patient": patients.astype(str), **columns},
    )
