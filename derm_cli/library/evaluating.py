"""``derm.evaluate``, and the report that it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derm_cli.frames import texts_in_python
from derm_cli.library.call_options import FilePath
from derm_cli.library.calls import call
from derm_cli.library.run import Run

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd

    from derm_cli.evaluation.intervals.resampling import Interval
    from derm_cli.evaluation.judging import Judgement
    from derm_cli.evaluation.metrics.classification import ClassMetrics, Evaluation
    from derm_cli.library.command_arguments import EvaluateArguments
    from derm_cli.workflows.evaluating.evaluate import EvaluationResult


@dataclass(frozen=True)
class MetricEstimate:
    """A metric: its ``value``, None where it is undefined, and its 95 % ``interval``, None where it has none.

    Shares are 0 to 1.  An interval has the ends ``low`` and ``high``.
    """

    value: float | None
    interval: Interval | None = None


@dataclass(frozen=True)
class EvaluationReport:
    """What an evaluation comes to; printed, it is the tables that end ``derm train``."""

    result: EvaluationResult

    @property
    def title(self) -> str:
        """What was evaluated, in words."""
        return self.result.title

    @property
    def synthetic(self) -> bool:
        """Whether synthetic photographs are among those that were trained or tested on."""
        return self.result.synthetic

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what is unknown, and why; and on whether the model is better than its baselines."""
        return (*self.result.baseline_sentences, *self.result.notes)

    @property
    def judgement(self) -> Judgement:
        """Everything that was measured: calibration, triage, subgroups …, each with its own fields."""
        return self.result.judgement

    @cached_property
    def metrics(self) -> Mapping[str, MetricEstimate]:
        """The metrics over all classes, by the names of evaluation.json, as in ``report.metrics["macro_f1"].value``."""
        from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS

        return estimates_of(self.judgement.evaluation, OVERALL_METRICS)

    @cached_property
    def classes(self) -> Mapping[str, Mapping[str, MetricEstimate]]:
        """The metrics of each class, as in ``report.classes["MEL"]["sensitivity"].interval``."""
        from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS

        return {name: estimates_of(each, CLASS_METRICS) for name, each in self.judgement.evaluation.per_class.items()}

    @property
    def predictions(self) -> pd.DataFrame:
        """The predictions table: ``case_id``, ``label``, ``prediction``, what is known of a case, ``p_`` each class."""
        import pandas as pd

        table = self.result.predictions
        columns = {"case_id": table.case_ids, "label": table.labels, "prediction": table.predictions, **table.metadata}
        with texts_in_python():
            frame = pd.DataFrame({name: list(values) for name, values in columns.items()})
        if table.probabilities is not None:
            for index, name in enumerate(table.classes):
                frame[f"p_{name}"] = table.probabilities[:, index]
        return frame

    def table(self, name: str) -> pd.DataFrame:
        """Return one of the report's tables, such as ``classes``, as a person reads it: numbers with intervals as text.

        Raises RequestError for a name that it does not have, with those that it has.
        """
        import pandas as pd

        from derm_cli.errors import RequestError, did_you_mean
        from derm_cli.evaluation.reporting.formats import shown

        tables = {each.name: each for each in self.result.tables()}
        if name not in tables:
            raise RequestError(f"The report has no table '{name}'.{did_you_mean(name, tables)}")
        found = tables[name]
        with texts_in_python():
            return pd.DataFrame([[shown(cell) for cell in row] for row in found.rows], columns=list(found.header))

    def to_json(self) -> dict[str, Any]:
        """Return all metrics as JSON values, those of ``derm evaluate --json``."""
        return self.result.to_json()

    def __str__(self) -> str:
        from derm_cli.evaluation import SYNTHETIC
        from derm_cli.evaluation.reporting.formats import as_text

        shown = [as_text(each) for each in self.result.tables() if each.name in ("classes", "overall")]
        return "\n\n".join([self.title, *([SYNTHETIC] if self.synthetic else []), *shown])


def estimates_of(metrics: Evaluation | ClassMetrics, names: Mapping[str, Any]) -> dict[str, MetricEstimate]:
    """Return the metrics of these names with their intervals."""
    return {name: MetricEstimate(getattr(metrics, name), metrics.intervals.get(name)) for name in names}


def evaluate(run: Run | FilePath | None = None, **options: Unpack[EvaluateArguments]) -> EvaluationReport:
    """Judge a run on its test part, or what the options say, as ``derm evaluate`` does.

    ::

        report = derm.evaluate(run)
        report.metrics["macro_f1"].value, report.metrics["macro_f1"].interval

    ``run`` is a run, its id or folder, an artefact or a bundle; by default the chosen run, else the latest finished
    one.  ``predictions=`` judges a table of any classifier, ``data=`` a run on other datasets, ``report="page.html"``
    writes the page.  Raises RequestError for what cannot be meant, DermError for what cannot be done.
    """
    result, _ = call("evaluate", (run,), options)
    return EvaluationReport(result)
