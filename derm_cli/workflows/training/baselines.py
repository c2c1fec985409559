"""The baselines of a run: simple classifiers of the target's training part, judged on its test part beside the network.

It needs a training framework: import it after :func:`derm_cli.engine.backend.start`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.console import warn
from derm_cli.data.samples import Samples
from derm_cli.errors import DermError, one_line
from derm_cli.evaluation.array_types import Floats
from derm_cli.evaluation.baseline_predictions import BaselinePredictions, with_probabilities
from derm_cli.evaluation.predictions import Predictions
from derm_cli.workflows.training.answering import FittedAnswers
from derm_cli.workflows.training.frozen_features import frozen_features
from derm_cli.workflows.training.job import TrainingJob
from derm_cli.workflows.training.regression import regress

MOST_PHOTOGRAPHS = 5000
"""Training photographs whose features a regression is fitted on, at most: it gains little from more."""


class BaselineImpossible(DermError):
    """A baseline cannot be computed; the message is a reason that stands behind a colon."""


@dataclass(frozen=True)
class FittedBaseline:
    """What a baseline answers, ``probabilities`` float64 (m, classes), and how it was fitted, in words and as JSON."""

    probabilities: Floats
    how: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Baseline:
    """A simple classifier: ``name`` in files, ``title`` in sentences (better than … by).

    ``probabilities`` fits it on the target's training samples and answers its test samples.  It may raise
    :class:`BaselineImpossible`.
    """

    name: str
    title: str
    probabilities: Callable[[Samples, Samples], FittedBaseline]


def baselines_of(job: TrainingJob, answers: FittedAnswers | None = None) -> tuple[Baseline, ...]:
    """Return the baselines of a job, in the order in which they are stored; ``answers`` are those of its model."""
    of_answers = (
        ()
        if answers is None
        else (Baseline("answers", "the answers alone", lambda train, test: _answers_alone(answers, train, test)),)
    )
    return (
        Baseline("most-frequent", "the most frequent class", lambda train, test: _most_frequent(job, train, test)),
        Baseline("frozen-features", "frozen features", lambda train, test: _frozen_features(job, train, test)),
        *of_answers,
    )


def compute_baselines(
    job: TrainingJob, test: Predictions, answers: FittedAnswers | None = None
) -> tuple[BaselinePredictions, ...]:
    """Return what each baseline predicts for the cases of ``test``, the job's own predictions of its test part.

    A baseline that cannot be computed has the reason; none keeps the run from being finished.  Nothing is computed
    where the request leaves baselines out, or where there is nothing to test on.
    """
    if not job.prepared.request.baselines or not len(job.run_data.test.labels):
        return ()
    return tuple(_compute(each, job, test) for each in baselines_of(job, answers))


def target_training(job: TrainingJob) -> Samples:
    """Return the photographs of the target among those that the last stage learns from."""
    part = job.run_data.training[-1]
    is_target = (part.cases["dataset"] == job.plan.target).to_numpy()
    return _selected(part, np.flatnonzero(is_target))


def _compute(baseline: Baseline, job: TrainingJob, test: Predictions) -> BaselinePredictions:
    try:
        train = target_training(job)
        if not len(train.labels):
            raise BaselineImpossible("no photograph of the target is among those of the last stage")
        fitted = baseline.probabilities(train, job.run_data.test)
        if not np.isfinite(fitted.probabilities).all():
            raise BaselineImpossible("its probabilities are no numbers")
        predictions = with_probabilities(test, fitted.probabilities)
    except BaselineImpossible as impossible:
        return BaselinePredictions(baseline.name, baseline.title, reason=str(impossible))
    except Exception as error:
        # Whatever goes wrong here, the training is done, and is worth more than what it is compared with.
        reason = f"it could not be computed ({type(error).__name__}: {one_line(str(error))})"
        warn(f"baseline '{baseline.name}' is left out: {reason}.")
        return BaselinePredictions(baseline.name, baseline.title, reason=reason)
    return BaselinePredictions(baseline.name, baseline.title, fitted.how, fitted.facts, predictions)


def _most_frequent(job: TrainingJob, train: Samples, test: Samples) -> FittedBaseline:
    """Answer every case alike, with the share of each class in the training part."""
    counts = np.bincount(train.labels, minlength=len(job.plan.classes))
    count = len(train.labels)
    how = f"the share of each class among {count} training photographs"
    return FittedBaseline(np.tile(counts / count, (len(test.labels), 1)), how, {"photographs": count})


def _answers_alone(answers: FittedAnswers, train: Samples, test: Samples) -> FittedBaseline:
    """Answer by the regression on what patients say, which is fitted already, without a photograph."""
    names, regression = ", ".join(answers.encoding.names), answers.regression
    how = (
        f"logistic regression on the answers to {names}, C {regression.strength:g}, fitted on {len(train.labels)} cases"
    )
    facts = {"cases": len(train.labels), "questions": list(answers.encoding.names), "c": regression.strength}
    return FittedBaseline(regression.probabilities(answers.encode(test.cases)), how, facts)


def _frozen_features(job: TrainingJob, train: Samples, test: Samples) -> FittedBaseline:
    """Fit a logistic regression on features of the backbone that the chain begins with."""
    plan = job.plan
    # A foundation model's vectors are its own, whatever the chain begins with.
    if plan.weights is None and not plan.preprocessing.vector:
        raise BaselineImpossible("the chain begins with random weights, whose features say little")
    if len(np.unique(train.labels)) < 2:
        raise BaselineImpossible("the training part has photographs of one class alone")
    used = _selected(train, stratified_rows(train.labels, MOST_PHOTOGRAPHS, plan.seed))
    validation = job.run_data.target_validation
    # The validation part is not learned from.  It is there so that another seed, or another fold, finds its features.
    beside = (validation,) if validation is not None and len(used.labels) == len(train.labels) else ()
    table = frozen_features(job, (used, test, *beside))
    features, others = table.of(used), table.of(test)
    if not (np.isfinite(features).all() and np.isfinite(others).all()):
        raise BaselineImpossible("some features are no numbers")
    groups = used.cases["group"] if "group" in used.cases else used.cases["case_id"]
    fitted = regress(
        features,
        used.labels.astype(np.intp),
        # By number, as they come: their hashes are another user's and machine's, and would make other folds there.
        pd.factorize(groups)[0].astype(str),
        others,
        classes=len(plan.classes),
        seed=plan.seed,
    )
    drawn = f" of {len(train.labels)}, drawn by seed {plan.seed}" if len(used.labels) < len(train.labels) else ""
    how = (
        f"logistic regression on {features.shape[1]} features of {plan.backbone} from {plan.weights}, "
        f"C {fitted.c:g}, fitted on {len(used.labels)} training photographs{drawn}"
    )
    facts = {
        "photographs": len(used.labels),
        "of": len(train.labels),
        "features": features.shape[1],
        "weights": plan.weights,
        "c": fitted.c,
        "c_chosen": fitted.is_chosen,
    }
    return FittedBaseline(fitted.probabilities, how, facts)


def stratified_rows(labels: npt.NDArray[np.integer[Any]], most: int, seed: int) -> npt.NDArray[np.intp]:
    """Return at most ``most`` rows of ``labels`` (n,), in order: drawn from ``seed``, of each class the same share.

    Of every class at least one is drawn, unless there are more classes than ``most``.
    """
    if len(labels) <= most:
        return np.arange(len(labels), dtype=np.intp)
    draw = np.random.default_rng(seed)
    place = np.empty(len(labels))
    for name in np.unique(labels):
        rows = draw.permutation(np.flatnonzero(labels == name))
        place[rows] = np.arange(len(rows)) / len(rows)
    return np.sort(np.argsort(place, kind="stable")[:most])


def _selected(samples: Samples, rows: npt.NDArray[np.intp]) -> Samples:
    """Return the samples at ``rows``, which rise."""
    return Samples(samples.photographs.select(rows), samples.labels[rows], samples.cases.iloc[rows])
