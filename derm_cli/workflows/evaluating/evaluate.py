"""Evaluates what ``derm evaluate`` is given: a run, an artefact, a run on external datasets, or a predictions table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derm_cli.data.locating import locate
from derm_cli.errors import RequestError
from derm_cli.evaluation import REFER_AT, SPECIFICITY
from derm_cli.evaluation.assumptions import Assumptions
from derm_cli.evaluation.intervals.resampling import DRAWS
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.overlap import check_same_file, overlap_notes
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.evaluation.reporting.plugin_sections import plugin_sections
from derm_cli.evaluation.reporting.report import ExamplePhotograph, ReportFacts, write_report
from derm_cli.evaluation.reporting.tables.answers import answers_table
from derm_cli.evaluation.reporting.tables.baselines import baseline_sentences
from derm_cli.evaluation.reporting.tables.classes import paper_tables
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import Table
from derm_cli.plugin import Predictor, ReportSectionSpec
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished
from derm_cli.workflows.evaluating.artefact_run import run_of_artefact
from derm_cli.workflows.evaluating.no_test import require_test_part
from derm_cli.workflows.evaluating.plugin_additions import with_plugins
from derm_cli.workflows.evaluating.report_facts import report_facts
from derm_cli.workflows.evaluating.run_evaluation import (
    JudgementOptions,
    baselines_of_run,
    display_name,
    evaluation_title,
    is_synthetic,
    judge_predictions,
    predictions_of_artefact,
    predictions_of_run,
    stored_evaluation,
)
from derm_cli.workflows.evaluating.without_test import substitute_for_test, title_without_test
from derm_cli.workflows.predicting.predict import is_artefact_or_bundle, load_predictor
from derm_cli.workflows.predicting.views import views_of
from derm_cli.workflows.session import Session

TABLES_OF_REPORT_FACTS = {"overall": ("answers", "mapping"), "calibration": ("temperature",)}
"""Tables of the report's facts that are printed among the metrics, by the table that they follow."""

OTHER_CASES = "thresholds are chosen on other cases than they are judged by, so give a validation table of its own"


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """What to evaluate: ``predictions``, or else ``run`` (the default one where None), on ``data`` or its own part.

    ``run`` may be an artefact or a bundle, of the run ``of_run`` or of that which is found for it.  ``classes_of``
    names the dataset whose classes the table has, ``validation`` a table to choose thresholds by; ``refer_at`` are
    the sensitivities for which it is chosen who is referred now, soon; ``photographs`` asks for example photographs.
    ``prevalence``, ``cost`` and ``specificity`` are what is assumed
    (:meth:`derm_cli.evaluation.assumptions.Assumptions.of`).  ``features`` is the file of vectors of ``data``, for
    a run that reads them.
    """

    run: str | None = None
    predictions: Path | None = None
    validation: Path | None = None
    classes_of: str | None = None
    data: tuple[str, ...] = ()
    draws: int = DRAWS
    refer_at: tuple[float, float] = REFER_AT
    photographs: bool = False
    prevalence: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    specificity: float = SPECIFICITY
    of_run: str | None = None
    features: Path | None = None

    @property
    def options(self) -> JudgementOptions:
        """How the predictions are judged.  Raises RequestError where an assumption has not the form that it must."""
        assumptions = Assumptions.of(self.prevalence, self.cost, self.specificity)
        return JudgementOptions(self.draws, self.refer_at, assumptions)


@dataclass(frozen=True)
class EvaluationResult:
    """A judgement with the predictions, run facts and photographs that it is shown with.

    ``left_out`` has by external dataset what became of its photographs; None where the evaluation is not external.
    ``answers`` are JSON values of what answers are worth (:mod:`derm_cli.evaluation.answers_value`); None where the
    model takes none.  ``sections`` are those that plugins add to the report.
    """

    title: str
    judgement: Judgement
    predictions: Predictions
    synthetic: bool
    notes: tuple[str, ...]
    report_facts: ReportFacts = field(default_factory=ReportFacts)
    photographs: tuple[ExamplePhotograph, ...] = ()
    left_out: dict[str, Any] | None = None
    answers: dict[str, Any] | None = None
    sections: tuple[ReportSectionSpec, ...] = ()

    def tables(self, *, paper: bool = False) -> list[Table]:
        """Return every table of the metrics, or those of the paper's form."""
        if paper:
            return list(paper_tables(self.judgement.evaluation, self.title))
        of_run = {table.name: table for table in self.report_facts.tables}
        tables = []
        for table in judgement_tables(self.judgement):
            following = TABLES_OF_REPORT_FACTS.get(table.name, ())
            tables += [table, *(of_run[name] for name in following if name in of_run)]
        return tables

    @property
    def baseline_sentences(self) -> tuple[str, ...]:
        """Sentences on whether the classifier is better than its baselines; none where it has none."""
        return baseline_sentences(self.judgement.baselines)

    def to_json(self) -> dict[str, Any]:
        """Return all metrics as JSON values."""
        more = {} if self.left_out is None else {"left_out": self.left_out}
        more |= {} if self.answers is None else {"answers": self.answers}
        return self.judgement.to_json() | {"synthetic": self.synthetic, **more}

    def write_report(self, path: Path) -> None:
        """Write the report, one HTML page."""
        judgement = replace(self.judgement, notes=self.notes)
        added = plugin_sections(
            self.sections, self.title, judgement, self.predictions, self.to_json(), synthetic=self.synthetic
        )
        write_report(
            judgement,
            self.predictions,
            path,
            self.title,
            self.report_facts,
            synthetic=self.synthetic,
            photographs=self.photographs,
            added=added,
        )


def evaluate(session: Session, request: EvaluationRequest) -> EvaluationResult:
    """Evaluate what is requested.

    Raises DermError where a run or dataset is not there, where a file of a run was changed, and, naming file and line,
    where a predictions table is not valid.
    """
    options = with_plugins(session.registry, request.options)
    return replace(_evaluated(session, request, options), sections=options.sections)


def _evaluated(session: Session, request: EvaluationRequest, options: JudgementOptions) -> EvaluationResult:
    artefact = request.run if request.run and is_artefact_or_bundle(session, request.run) else None
    if request.of_run and not artefact:
        raise RequestError(f"--run '{request.of_run}' goes with an artefact or a bundle: name the run alone.")
    if request.predictions:
        return _evaluate_table(session, request, request.predictions, options)
    predictor = load_predictor(session, artefact) if artefact else None
    if predictor and artefact:
        run = run_of_artefact(session, Path(artefact), predictor.facts, request.of_run)
    else:
        run = session.runs.find(request.run) if request.run else session.runs.default()
    if request.data:
        predictor = predictor or load_predictor(session, str(run.path))
        return _evaluate_external(session, request, run, predictor, display_name(run, artefact), options=options)
    if predictor is None:
        require_finished(run)
    if not (predictor or run.plan.keeps_test_part):
        return _evaluate_without_test(run, request, options)
    test, validation = predictions_of_artefact(session, run, predictor) if predictor else predictions_of_run(run)
    judgement = judge_predictions(run.plan.classes, test, validation, options, baselines_of_run(run, test))
    photographs: tuple[ExamplePhotograph, ...] = ()
    if request.photographs:
        from derm_cli.workflows.evaluating.example_photographs import examples_of_run

        photographs = examples_of_run(session, run)
    return EvaluationResult(
        evaluation_title(run, artefact),
        judgement,
        test,
        is_synthetic(run),
        judgement.notes,
        report_facts(run),
        photographs,
        answers=stored_evaluation(run).get("answers"),
    )


def _evaluate_without_test(run: RunFolder, request: EvaluationRequest, options: JudgementOptions) -> EvaluationResult:
    """Return what stands in the place of a test.  Raises DermError where nothing does, or photographs are asked for."""
    require_finished(run)
    found = None if request.photographs else substitute_for_test(run, options)
    if found is None:
        require_test_part(run)
    assert found is not None
    return EvaluationResult(
        title_without_test(run, found),
        found.judgement,
        found.predictions,
        is_synthetic(run),
        found.judgement.notes,
        report_facts(run),
    )


def _evaluate_table(
    session: Session, request: EvaluationRequest, path: Path, options: JudgementOptions
) -> EvaluationResult:
    if request.validation:
        check_same_file(("--predictions", path), ("--validation", request.validation), OTHER_CASES)
    dataset = locate(request.classes_of, session.settings, session.registry) if request.classes_of else None
    classes = dataset.spec.classes if dataset else ()
    if dataset and not classes and dataset.spec.read_classes:
        classes = dataset.spec.read_classes(dataset.root)
    test = read_predictions(path, tuple(each.name for each in classes) or None)
    validation, notes = None, []
    if request.validation:
        validation = read_predictions(request.validation, test.classes)
        notes = overlap_notes(test, validation, path, request.validation)
    judgement = judge_predictions(classes, test, validation, options)
    judgement = replace(judgement, notes=(*notes, *judgement.notes))
    return EvaluationResult(f"Predictions in {path.name}", judgement, test, False, judgement.notes)


def _evaluate_external(
    session: Session,
    request: EvaluationRequest,
    run: RunFolder,
    predictor: Predictor,
    name: str,
    *,
    options: JudgementOptions,
) -> EvaluationResult:
    from derm_cli.workflows.evaluating.external import evaluate_external

    external = evaluate_external(session, run, request.data, predictor, options, features=request.features)
    photographs: tuple[ExamplePhotograph, ...] = ()
    if request.photographs:
        from derm_cli.workflows.evaluating.example_photographs import example_photographs

        photographs = example_photographs(
            run, external.without_answers, external.photographs.take, views_of(session.registry, run.plan.views)
        )
    facts = report_facts(run)
    # What answers were worth on the run's own photographs tells nothing of these.
    tables = [table for table in facts.tables if table.name != "answers"]
    if external.answers and "figures" in external.answers:
        tables.append(answers_table(external.answers))
    return EvaluationResult(
        f"{name}, photographs of {', '.join(request.data)}",
        external.judgement,
        external.predictions,
        external.synthetic,
        (*external.judgement.notes, *external.notes),
        replace(facts, tables=(*tables, external.mapping_table())),
        photographs,
        {each.dataset: each.to_json() for each in external.datasets},
        external.answers,
    )
