"""Exports a model of each row of a study: ``derm study export``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derm_cli.console import progress
from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.plugin import ExporterSpec
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import ArtefactRecord
from derm_cli.runs.runs import Runs
from derm_cli.studies.judging.answers import RowAnswers, trained_rows
from derm_cli.studies.storage.folder import StudyFolder
from derm_cli.workflows.exporting.export import artefact_name, export
from derm_cli.workflows.exporting.variants import NO_VARIANT, requested_variants
from derm_cli.workflows.session import Session


@dataclass(frozen=True)
class RowExport:
    """What a row was exported to: its run, the artefacts by name, and those of the names that were written now.

    ``reason`` says why there are none, empty where there are.
    """

    row: str
    run: RunFolder | None = None
    artefacts: Mapping[str, ArtefactRecord] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    reason: str = ""

    def path_of(self, artefact: ArtefactRecord) -> Path:
        """Return the path of one of the artefacts."""
        assert self.run is not None
        return self.run / artefact.path

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        artefacts = [
            {**each.to_json(), "path": str(self.path_of(each)), "is_new": name in self.written}
            for name, each in self.artefacts.items()
        ]
        run = self.run.id if self.run else None
        return {"row": self.row, "run": run, "artefacts": artefacts, "reason": self.reason or None}


def export_rows(
    session: Session,
    folder: StudyFolder,
    exporters: Sequence[str],
    variants: Sequence[str] = (NO_VARIANT,),
    rows: Sequence[str] = (),
) -> Iterator[RowExport]:
    """Export one run of each row in each of the formats and variants, and yield what became of each row.

    All trainings of a row have one network, so one of them tells its size and latency: the first that finished, or one
    that was exported before.  What was exported so already, and is as it was then, is not exported again.  A row that
    cannot be exported has its reason, and the others go on.  ``rows`` are names, all rows where there are none.  Raises
    RequestError for a row or a variant that there is not.
    """
    record = folder.record
    known = [each.name for each in record.spec.rows]
    for name in rows:
        if name not in known:
            raise RequestError(
                f"Study '{folder.name}' has no row '{name}': see 'derm study show {folder.name}'."
                f"{did_you_mean(name, known)}"
            )
    asked = requested_variants([session.registry.get(ExporterSpec, name) for name in exporters], variants)
    trained = trained_rows(folder, record, Runs(session.runs.root).all())
    wanted = [each for each in trained if not rows or each.name in rows]
    files = {
        artefact_name(spec.name, variant.name if variant else ""): (spec.name, variant.name if variant else NO_VARIANT)
        for spec, variant in asked
    }
    return (_exported(session, row, files) for row in progress(wanted, "Exporting", len(wanted), delay=1))


def _exported(session: Session, row: RowAnswers, files: Mapping[str, tuple[str, str]]) -> RowExport:
    """Return what ``row`` was exported to; ``files`` are artefacts by name, with their exporter and variant."""
    runs = row.runs
    if not runs:
        first = row.trainings[0]
        reason = f": {first.reason.rstrip('.')}" if first.reason else ""
        return RowExport(
            row.name, reason=f"no training of it has finished ({first.key} is {first.state.status}{reason})"
        )
    # One that was exported before stands for its row in the report already.
    run = next((each for each in runs if each.record.artefacts), runs[0])
    lacking = {name: each for name, each in files.items() if not _is_there(run, name)}
    of_exporters = {exporter: [of for by, of in lacking.values() if by == exporter] for exporter, _ in lacking.values()}
    try:
        # Formats that lack the same variants are exported together: photographs are read once for all.
        for variants in dict.fromkeys(map(tuple, of_exporters.values())):
            export(session, run, [each for each, of in of_exporters.items() if tuple(of) == variants], variants)
        artefacts = run.record.artefacts
        return RowExport(row.name, run, {name: artefacts[name] for name in files}, tuple(lacking))
    except DermError as error:
        return RowExport(row.name, run, reason=str(error))


def _is_there(run: RunFolder, name: str) -> bool:
    """Tell whether a run was exported to an artefact of this name, which is as it was written."""
    artefact = run.record.artefacts.get(name)
    if artefact is None:
        return False
    try:
        return run.sealed(artefact.path).exists()
    except DermError:
        return False
