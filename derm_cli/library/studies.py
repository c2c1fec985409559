"""``derm.study``, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.library.call_options import FilePath
from derm_cli.library.calls import call
from derm_cli.library.evaluating import MetricEstimate, estimates_of

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd

    from derm_cli.library.command_arguments import StudyArguments
    from derm_cli.studies.reporting.study_report import StudyReport


@dataclass(frozen=True)
class StudyResult:
    """A study whose trainings are finished: its folder ``path``, and its report."""

    path: Path
    report: StudyReport

    @property
    def name(self) -> str:
        """The study's name."""
        return self.path.name

    @property
    def page(self) -> Path:
        """The report's page."""
        return self.path / self.report.path.parent.name / self.report.path.name

    @property
    def decisions(self) -> tuple[str, ...]:
        """Sentences on what the data decide."""
        return self.report.decisions

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, MetricEstimate]]:
        """The metrics over all classes of each row, as in ``study.rows["large"]["macro_f1"].value``."""
        from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS

        return {name: estimates_of(each, OVERALL_METRICS) for name, each in self.report.evaluations.items()}

    @property
    def table(self) -> pd.DataFrame:
        """The metrics of :attr:`rows` as a table: a row of the study a row, a metric a column."""
        import pandas as pd

        return pd.DataFrame({name: {key: each.value for key, each in row.items()} for name, row in self.rows.items()}).T

    def to_json(self) -> dict[str, Any]:
        """Return all of the report as JSON values, those of ``derm study report --json``."""
        return self.report.to_json()


def study(study: FilePath | Mapping[str, Any], **options: Unpack[StudyArguments]) -> StudyResult:
    """Train every row of a study as ``derm study run`` does, and report on it.

    ::

        study = derm.study("study.toml")
        study.table["macro_f1"]

    ``study`` is a TOML file, the name of a built-in study, or a mapping such as the file holds.  What is finished is
    not trained again, so the same call goes on where it was stopped.  Raises RequestError for what cannot be meant,
    DermError where trainings did not finish, and Interrupted where a signal stopped it.
    """
    (report, path), _ = call("study", (study,), options)
    return StudyResult(path, report)
