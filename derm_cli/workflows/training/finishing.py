"""Finishing a run: its model, the predictions on its test part, their evaluation, and the seal over all files.

It needs a training framework: import it after :func:`derm_cli.engine.backend.start`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli import __version__
from derm_cli.data.photographs import ViewedPhotographs
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.engine.answers import with_answers
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.clock import BASELINES, EVALUATING
from derm_cli.engine.features import predict_logits
from derm_cli.engine.network import Network, add_head, copy_weights
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin import ArtefactFacts, ExporterSpec, LossFacts, Predictor
from derm_cli.runs import layout
from derm_cli.runs.folder import now
from derm_cli.runs.record import FINISHED, TRAINED, PrecisionCheck, StageOrigin
from derm_cli.workflows.evaluating.answers import record_answers
from derm_cli.workflows.evaluating.plugin_additions import with_plugins
from derm_cli.workflows.evaluating.run_evaluation import predictions_of_samples, record_evaluation
from derm_cli.workflows.evaluating.without_test import record_without_test
from derm_cli.workflows.predicting.predict import KERAS_EXPORTER, predictor_probabilities
from derm_cli.workflows.predicting.views import softmax_of_mean, views_of, with_views
from derm_cli.workflows.training.answering import FittedAnswers, fit_answers
from derm_cli.workflows.training.baselines import compute_baselines
from derm_cli.workflows.training.calibrating import Temperature, calibrate
from derm_cli.workflows.training.job import TrainingJob


def finish(job: TrainingJob, network: Network) -> None:
    """Write the model, its predictions on the test part of the target, and their evaluation; seal the run."""
    with job.clock(EVALUATING):
        model, temperature, answers = _write_model(job, network)
    evaluation, precision = _evaluate(job, network, model, answers, temperature=temperature.to_json())
    job.call_hook("derm_run_finished", evaluation=evaluation)
    trained = {index for index, stage in enumerate(job.stages) if stage["source"] == TRAINED}
    # In one write, and after all that can fail: until then the checkpoint is there to go on from.  What plugins left in
    # the folder is sealed too, the log among it.
    job.run.require_own()
    job.run.seal_others(
        replace(
            job.run.record,
            status=FINISHED,
            ended=now(),
            seconds_training=round(sum(row["seconds"] for row in job.history if row["stage"] in trained), 1),
            seconds={name: round(seconds, 1) for name, seconds in job.clock.seconds.items()},
            stages=tuple(StageOrigin(**stage) for stage in job.stages),
            precision=precision,
        )
    )
    Checkpoints(job.run.path).clear()


def _evaluate(
    job: TrainingJob, network: Network, model: Predictor, answers: FittedAnswers | None, **more: Any
) -> tuple[dict[str, Any], PrecisionCheck | None]:
    """Judge the model on the target's test part, beside baselines, and tell the effect of the precision.

    ``more`` is stored beside.  Where nobody was kept for a test, that is what is stored, and the effect is that on the
    validation part, if any.  The effect is on what the photographs say, without ``answers``.
    """
    part, synthetic = job.run_data.target_validation, job.prepared.is_synthetic
    options = with_plugins(job.session.registry)
    if not job.plan.keeps_test_part:
        with job.clock(EVALUATING):
            validation = _validation_predictions(job, model, answers)
            more |= {} if answers is None else {"answers": answers.to_json()}
            evaluation = record_without_test(job.run, validation, synthetic, options, **more)
            if part is None or validation is None:
                return evaluation, None
            exact = predictor_probabilities(model, part.photographs, f"Predicting {job.plan.target}'s validation part")
            return evaluation, _precision_effect(job, network, part, exact)
    with job.clock(EVALUATING):
        test = job.run_data.test
        exact = predictor_probabilities(model, test.photographs, f"Predicting {job.plan.target}")
        predicted = predictions_of_samples(job.plan.classes, test, exact)
        if answers is not None:
            predicted, more["answers"] = _with_answers(job, model, answers, predicted)
        validation = _validation_predictions(job, model, answers)
    with job.clock(BASELINES):
        baselines = compute_baselines(job, predicted, answers)
    with job.clock(EVALUATING):
        evaluation = record_evaluation(job.run, predicted, validation, synthetic, baselines, options=options, **more)
        return evaluation, _precision_effect(job, network, test, exact)


def _write_model(job: TrainingJob, network: Network) -> tuple[Predictor, Temperature, FittedAnswers | None]:
    """Calibrate the network, add the answers that the plan asks for, and export it in float32.

    Return the exported model, the temperature and the answers, None without any.
    """
    plan = job.plan
    exporter = job.session.registry.get(ExporterSpec, KERAS_EXPORTER)
    facts = ArtefactFacts(
        run=job.run.id,
        classes=plan.classes,
        preprocessing=plan.preprocessing,
        backbone=plan.backbone,
        target=plan.target,
        made=job.prepared.is_synthetic,
        derm=__version__,
        views=plan.views,
    )
    if plan.logit_adjustment:
        counts = np.bincount(job.run_data.training[-1].labels, minlength=len(plan.classes))
        network.shift_logits(-plan.logit_adjustment * LossFacts(counts=tuple(map(int, counts))).log_prior)
    exact = _in_float32(job, network)
    views = views_of(job.session.registry, plan.views)
    temperature = calibrate(exact, job.run_data.target_validation, views)
    if exact is not network:
        network.divide_logits(temperature.value)
    model, answers = exact.model, fit_answers(job, exact, views)
    if answers is not None:
        model, facts = with_answers(model, answers.weights), replace(facts, answers=answers.encoding)
    exporter.export(model, facts, job.run / layout.MODEL)
    return with_views(exporter.load(job.run / layout.MODEL), job.session.registry), temperature, answers


def _with_answers(
    job: TrainingJob, model: Predictor, answers: FittedAnswers, without: Predictions
) -> tuple[Predictions, dict[str, Any]]:
    """Return the test predictions with answers, and what these are worth as JSON values; store those without."""
    test = job.run_data.test
    encoded = answers.encode(test.cases)
    probabilities = predictor_probabilities(model, test.photographs, f"Predicting {job.plan.target}, answers", encoded)
    both = predictions_of_samples(job.plan.classes, test, probabilities)
    alone = predictions_of_samples(job.plan.classes, test, answers.regression.probabilities(encoded).astype(np.float32))
    return both, answers.to_json() | record_answers(job.run, answers.encoding, test.cases, (both, without, alone))


def _validation_predictions(job: TrainingJob, model: Predictor, answers: FittedAnswers | None) -> Predictions | None:
    """Return the finished model's predictions on the target's validation part, by which thresholds are chosen."""
    part = job.run_data.target_validation
    if part is None:
        return None
    encoded = None if answers is None else answers.encode(part.cases)
    predicted = predictor_probabilities(
        model, part.photographs, f"Predicting {job.plan.target}'s validation part", encoded
    )
    return predictions_of_samples(job.plan.classes, part, predicted)


def _in_float32(job: TrainingJob, network: Network) -> Network:
    """Return the network as it is stored and evaluated: in float32, whatever it was trained in."""
    if job.execution.precision == "float32":
        return network
    with backend.in_float32():
        exact = add_head(job.rebuild_backbone(), job.prepared.backbone, len(job.plan.classes))
    copy_weights(network, exact)
    return exact


def _precision_effect(
    job: TrainingJob, network: Network, part: Samples, exact: npt.NDArray[np.floating[Any]]
) -> PrecisionCheck:
    """Return how far the network's probabilities, in the precision of its training, are from those in float32.

    ``exact`` are the latter, (n, classes), of the n photographs of ``part``.
    """
    trained = job.execution.precision
    if trained == "float32":
        return PrecisionCheck(trained, max_difference=0.0, agreement=1.0)
    rough = softmax_of_mean(
        [
            predict_logits(network, ViewedPhotographs(part.photographs, view), backend.uses_xla())
            for view in views_of(job.session.registry, job.plan.views)
        ]
    )
    return PrecisionCheck(
        trained,
        max_difference=float(np.abs(rough - exact).max()),
        agreement=float((rough.argmax(axis=1) == exact.argmax(axis=1)).mean()),
    )
