"""Judges a predictions table by all measures; intervals that are made of draws are all made of the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from derm_cli.evaluation import REFER_AT
from derm_cli.evaluation.assumptions import NO_ASSUMPTIONS, Assumptions, check_prevalences
from derm_cli.evaluation.baseline_predictions import BaselinePredictions
from derm_cli.evaluation.intervals.resampling import DRAWS, Resampling
from derm_cli.evaluation.measure import EvaluationInput, Measure, ResultT_co, measure_all
from derm_cli.evaluation.metrics.baselines import BaselineComparisons, BaselineMeasure
from derm_cli.evaluation.metrics.calibration import Calibration, CalibrationMeasure
from derm_cli.evaluation.metrics.calibration_slope import CalibrationSlopeMeasure, CalibrationSlopes
from derm_cli.evaluation.metrics.classification import ClassificationMeasure, Evaluation
from derm_cli.evaluation.metrics.coarse import CoarseEvaluation, CoarseMeasure
from derm_cli.evaluation.metrics.decision_curve import DecisionCurve, DecisionCurveMeasure
from derm_cli.evaluation.metrics.expected_cost import ExpectedCost, ExpectedCostMeasure
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS
from derm_cli.evaluation.metrics.partial_auc import PartialAucMeasure, PartialAucs
from derm_cli.evaluation.metrics.plugin_metrics import PluginMeasure, PluginMetric
from derm_cli.evaluation.metrics.prediction_sets import PredictionSetMeasure, PredictionSets
from derm_cli.evaluation.metrics.predictive_values import PredictiveValues, predictive_values
from derm_cli.evaluation.metrics.promises import refusal
from derm_cli.evaluation.metrics.referral import ReferralLevel, ReferralMeasure, referral_promises
from derm_cli.evaluation.metrics.repeated_photographs import RepeatedMeasure, RepeatedPhotographs
from derm_cli.evaluation.metrics.selective_prediction import SelectiveMeasure, SelectivePoint
from derm_cli.evaluation.metrics.severity import Severities
from derm_cli.evaluation.metrics.subgroups import Subgroup, SubgroupMeasure
from derm_cli.evaluation.metrics.triage import Triage, TriageMeasure
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin import MetricSpec

MEASURES: tuple[type[Measure[Any]], ...] = (
    ClassificationMeasure,
    CoarseMeasure,
    TriageMeasure,
    ReferralMeasure,
    CalibrationMeasure,
    PredictionSetMeasure,
    SelectiveMeasure,
    SubgroupMeasure,
    BaselineMeasure,
    CalibrationSlopeMeasure,
    PartialAucMeasure,
    DecisionCurveMeasure,
    ExpectedCostMeasure,
    RepeatedMeasure,
    PluginMeasure,
)
"""What a table is judged by, in the order of evaluation.json: the first, which every table allows, lies open there."""


@dataclass(frozen=True)
class Judgement:
    """The results of all measures of one predictions table.

    ``results`` has that of each measure by its name; those that the table does not allow are missing, and ``notes``
    say why.  ``predictive_values`` are those at the prevalences that were given, None where none was.  ``severities``
    are those of the classes.
    """

    results: Mapping[str, Any]
    notes: tuple[str, ...]
    predictive_values: PredictiveValues | None = None
    severities: Severities = field(default_factory=dict)

    def result_of(self, measure: type[Measure[ResultT_co]]) -> ResultT_co | None:
        """Return the result of a measure, None where the table does not allow it."""
        result: ResultT_co | None = self.results.get(measure.name)
        return result

    @property
    def evaluation(self) -> Evaluation:
        """Each class against all others, and all classes together."""
        evaluation: Evaluation = self.results[ClassificationMeasure.name]
        return evaluation

    @property
    def coarse(self) -> CoarseEvaluation | None:
        """The metrics by coarse diagnosis, None where no two classes share one."""
        return self.result_of(CoarseMeasure)

    @property
    def triage(self) -> Triage | None:
        """Malignant against benign, None where the severity of no class is known."""
        return self.result_of(TriageMeasure)

    @property
    def referral(self) -> tuple[ReferralLevel, ...]:
        """Who is referred now, soon or not; empty without a validation part to choose by."""
        result = self.result_of(ReferralMeasure)
        return result.levels if result else ()

    @property
    def calibration(self) -> Calibration | None:
        """The calibration of the probabilities, None without them."""
        return self.result_of(CalibrationMeasure)

    @property
    def prediction_sets(self) -> PredictionSets | None:
        """Prediction sets, None without probabilities or a validation part to choose by."""
        return self.result_of(PredictionSetMeasure)

    @property
    def selective_prediction(self) -> tuple[SelectivePoint, ...]:
        """Selective prediction: how the most confident cases fare; empty without probabilities."""
        result = self.result_of(SelectiveMeasure)
        return result.points if result else ()

    @property
    def subgroups(self) -> tuple[Subgroup, ...]:
        """The subgroups, the largest gaps first."""
        result = self.result_of(SubgroupMeasure)
        return result.subgroups if result else ()

    @property
    def baselines(self) -> BaselineComparisons | None:
        """The comparison with baselines, None where none was computed."""
        return self.result_of(BaselineMeasure)

    @property
    def calibration_slopes(self) -> CalibrationSlopes | None:
        """Calibration slope and intercept by class, None without probabilities."""
        return self.result_of(CalibrationSlopeMeasure)

    @property
    def partial_aucs(self) -> PartialAucs | None:
        """Sensitivity at a specificity and partial AUC by class, None without probabilities."""
        return self.result_of(PartialAucMeasure)

    @property
    def decision_curve(self) -> DecisionCurve | None:
        """The net benefit of referring, None without probabilities or malignant cases."""
        return self.result_of(DecisionCurveMeasure)

    @property
    def expected_cost(self) -> ExpectedCost | None:
        """What the mistakes cost, None where no cost was given."""
        return self.result_of(ExpectedCostMeasure)

    @property
    def repeated_photographs(self) -> tuple[RepeatedPhotographs, ...]:
        """The results by patient and lesion, empty where none has several photographs."""
        result = self.result_of(RepeatedMeasure)
        return result.by_unit if result else ()

    @property
    def plugin_metrics(self) -> tuple[PluginMetric, ...]:
        """The metrics of plugins; empty where no plugin has one, and without probabilities."""
        result = self.result_of(PluginMeasure)
        return result.metrics if result else ()

    def to_json(self) -> dict[str, Any]:
        """Return all results as JSON values: those of the evaluation, and the others by their names."""
        _, *others = MEASURES
        return {
            **self.evaluation.to_json(),
            **{
                measure.name: self.results[measure.name].to_json() if measure.name in self.results else measure.absent
                for measure in others
                if measure.name in self.results or not measure.left_out_if_absent
            },
            **({"predictive_values": self.predictive_values.to_json()} if self.predictive_values else {}),
            "notes": list(self.notes),
        }


def judge(
    test: Predictions,
    severities: Severities,
    validation: Predictions | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    *,
    coarse_diagnoses: Mapping[str, str] | None = None,
    refer_at: tuple[float, float] = REFER_AT,
    baselines: tuple[BaselinePredictions, ...] = (),
    assumptions: Assumptions = NO_ASSUMPTIONS,
    metrics: tuple[MetricSpec, ...] = (),
) -> Judgement:
    """Judge the cases of ``test`` by every measure that they allow; thresholds are chosen on ``validation`` alone.

    The arguments are those of :class:`derm_cli.evaluation.measure.EvaluationInput`.  ``draws`` of the bootstrap, from
    ``seed``, give the intervals that are no score intervals; 0 leaves all out.  Raises RequestError where
    ``assumptions`` name what is no class.
    """
    inputs = EvaluationInput(
        test, severities, validation, coarse_diagnoses or {}, refer_at, baselines, assumptions, metrics
    )
    check_prevalences(assumptions.prevalences, test.classes, severity_known=inputs.has_severity)
    measures = [measure for each in MEASURES if (measure := each.of(inputs)) is not None]
    results = measure_all(measures, Resampling(test.patients, draws, seed, test.group_word))
    evaluation, triage = results[ClassificationMeasure.name], results.get(TriageMeasure.name)
    return Judgement(
        results,
        (
            *evaluation.notes,
            *_withheld_notes(triage),
            *_cost_notes(results),
            *_plugin_notes(inputs, results),
            *_notes(inputs, results),
        ),
        predictive_values(assumptions.prevalences, evaluation, triage) if assumptions.prevalences else None,
        severities,
    )


def _withheld_notes(triage: Triage | None) -> Iterator[str]:
    """Yield why metrics of finding malignant cases have no interval."""
    for task in triage.tasks if triage else ():
        for why in dict.fromkeys(task.no_interval.values()):
            metrics = ", ".join(CLASS_METRICS[name].title for name, own in task.no_interval.items() if own == why)
            yield f"{why} of {metrics} for {' or '.join(reversed(task.positive))}."


def _cost_notes(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield why the expected cost has no interval."""
    cost: ExpectedCost | None = results.get(ExpectedCostMeasure.name)
    if cost is not None and cost.no_interval:
        yield f"{cost.no_interval} of the expected cost."


def _plugin_notes(inputs: EvaluationInput, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield which metrics of plugins could not be computed."""
    found = results.get(PluginMeasure.name)
    if inputs.metrics and found is None:
        titles = ", ".join(each.title for each in inputs.metrics)
        yield f"Metrics of plugins need a probability of every class, which is not there: {titles}."
    for each in found.metrics if found else ():
        if each.fault:
            yield f"{each.spec.title}: {each.fault}; all else stands."


def _notes(inputs: EvaluationInput, results: Mapping[str, Any]) -> list[str]:
    """Return plain sentences on the thresholds that cannot be chosen, and why."""
    if PredictionSetMeasure.name not in results:
        if inputs.probabilities is None:
            return []
        return ["There is no validation part: no threshold can be chosen, nor a prediction set be promised."]
    notes = []
    if TriageMeasure.name in results and ReferralMeasure.name not in results:
        notes += _referral_notes(inputs)
    sets = results[PredictionSetMeasure.name].promise
    if sets.threshold is None:
        every = "so every class is in every prediction set"
        notes.append(f"{refusal(sets, 'in the validation part')}; {every}.")
    return notes


def _referral_notes(inputs: EvaluationInput) -> list[str]:
    """Return why nobody is referred now or soon: what the validation part has too few of."""
    now, soon = referral_promises(inputs)
    if not now.cases:
        return ["No malignant photograph is in the validation part: no threshold can be chosen to find one."]
    sought = {"malignant in the validation part": now, "malignant or indeterminate in the validation part": soon}
    return [
        f"{refusal(each, what)}: nobody is referred now or soon; --refer-at asks for less."
        for what, each in sought.items()
        if each.threshold is None
    ]
