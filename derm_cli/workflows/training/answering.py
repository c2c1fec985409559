"""Fusing what patients say with a finished network: their answers' logits are added to its own.

The network itself is trained on photographs alone, those of sets without answers among them.  So stages, checkpoints
and the stage store know nothing of answers, and without any the model is the network's, bit for bit.  It needs a
training framework: import it after :func:`derm_cli.engine.backend.start`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.console import warn
from derm_cli.data.answers import chosen_fields, encode_cases, fit_encoding, question_of_number
from derm_cli.data.samples import Samples
from derm_cli.plugin import AnswerEncoding, View
from derm_cli.workflows.evaluating.run_evaluation import GROUP_COLUMN
from derm_cli.workflows.training.answer_regression import AnswerRegression, fit_regression
from derm_cli.workflows.training.job import TrainingJob
from derm_cli.workflows.training.viewing import viewed_logits

if TYPE_CHECKING:
    from derm_cli.engine.network import Network

DOUBT = 0.15
"""How far from 1 the weight of the answers is thought to be before the validation part is looked at: the standard
deviation of a normal prior.  Of few photographs the weight stays near 1, which is Bayes' rule.
docs/explanation/results.md has what wider and narrower doubts gave."""
LARGEST_WEIGHT = 3.0


@dataclass(frozen=True)
class FittedAnswers:
    """How answers are encoded, what they say of the classes, and ``weight``, by which that is multiplied."""

    encoding: AnswerEncoding
    regression: AnswerRegression
    weight: float

    @property
    def weights(self) -> npt.NDArray[np.float32]:
        """The weights of the model's second input, float32 (k, classes)."""
        return np.asarray(self.weight * self.regression.weights, dtype=np.float32)

    def encode(self, cases: pd.DataFrame) -> npt.NDArray[np.float32]:
        """Return the answers of cases, float32 (n, k)."""
        return encode_cases(self.encoding, cases)

    def to_json(self) -> dict[str, Any]:
        """Return what was used and fitted as JSON values."""
        return {
            "fields": list(self.encoding.names),
            "cautions": {each.field.name: each.caution for each in self.encoding.fields if each.caution},
            "weight": self.weight,
            "strength": self.regression.strength,
        }


def fit_answers(job: TrainingJob, network: Network, views: Sequence[View] = ()) -> FittedAnswers | None:
    """Fit the answers of the target's training part, and their weight beside a calibrated ``network``.

    The weight is that beside the mean over ``views`` of a photograph, by which the finished model answers.

    None where the plan asks for none, or nobody in the training part gave one.  It hangs on the plan, the split and the
    network alone: the same again after a resume.
    """
    plan = job.plan
    if not plan.metadata:
        return None
    fields, cautions = chosen_fields(job.prepared.records[plan.target], ",".join(plan.metadata))
    training = job.run_data.training[-1]
    is_target = (training.cases["dataset"] == plan.target).to_numpy()
    cases, labels = training.cases[is_target], training.labels[is_target].astype(np.intp)
    encoding = fit_encoding(fields, cases, cautions)
    if not encoding.fields:
        warn(
            f"no training photograph of '{plan.target}' has an answer to {', '.join(plan.metadata)}: the model takes "
            "none."
        )
        return None
    groups = np.asarray(pd.factorize(cases[GROUP_COLUMN])[0], dtype=np.intp)
    regression = fit_regression(
        encode_cases(encoding, cases),
        labels,
        classes=len(plan.classes),
        questions=question_of_number(encoding),
        groups=groups,
        seed=plan.seed,
    )
    validation, weight = job.run_data.target_validation, 1.0
    if validation is not None:
        weight = _weight(viewed_logits(network, validation, views), encoding, regression, validation)
    return FittedAnswers(encoding, regression, weight)


def _weight(
    logits: npt.NDArray[np.float64], encoding: AnswerEncoding, regression: AnswerRegression, validation: Samples
) -> float:
    """Return the weight of the answers' logits beside those of the network, ``logits`` of the validation part."""
    added = encode_cases(encoding, validation.cases).astype(np.float64) @ regression.weights
    return chosen_weight(logits, added, validation.labels.astype(np.intp))


def chosen_weight(
    logits: npt.NDArray[np.float64], added: npt.NDArray[np.float64], labels: npt.NDArray[np.intp]
) -> float:
    """Return the most probable weight w of ``softmax(logits + w * added)``, both (n, classes), for ``labels`` (n,).

    Its prior is normal with the mean 1 and the deviation :data:`DOUBT`, cut to 0..3; 1 where logits are no numbers.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    if not len(labels) or not np.isfinite(logits).all():
        return 1.0
    cases = np.arange(len(labels))

    def improbability(weight: float) -> float:
        fit = log_softmax(logits + weight * added, axis=1)[cases, labels].sum()
        return float((weight - 1) ** 2 / (2 * DOUBT**2) - fit)

    found = minimize_scalar(improbability, bounds=(0.0, LARGEST_WEIGHT), method="bounded", options={"xatol": 1e-6})
    return float(found.x)
