"""Exports a finished run's model for apps, each file checked against the run: ``derm export``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from derm_cli.console import warn
from derm_cli.engine import backend
from derm_cli.engine.framework_settings import requested_backend
from derm_cli.plan import NO_VIEWS
from derm_cli.plugin import ArtefactFacts, ExporterSpec
from derm_cli.plugin.registry import Registry
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.lease import lease_held
from derm_cli.runs.record import ArtefactRecord
from derm_cli.runs.runs import require_finished
from derm_cli.scratch import scratch_folder
from derm_cli.workflows.exporting.parity import Parity, ReferencePredictions, check_parity, reference_predictions
from derm_cli.workflows.exporting.thresholds import thresholds_of_run
from derm_cli.workflows.predicting.predict import KERAS_EXPORTER, uncropped_warning
from derm_cli.workflows.session import Session

PATIENCE = 60
"""Seconds that an export waits for another of the same run to note an artefact, which takes far less than one."""


@dataclass(frozen=True)
class ExportedArtefact:
    """An artefact that was written: its format, its file, the bytes it takes, and how near it is to its run."""

    exporter: str
    path: Path
    size: int
    parity: Parity

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return {"exporter": self.exporter, "path": str(self.path), "size": self.size, **asdict(self.parity)}


def export(session: Session, run: RunFolder, exporters: list[str]) -> list[ExportedArtefact]:
    """Write ``run``'s model in each of the formats, each checked against the run before it takes its place.

    The model is loaded with the backend that was asked for; a converter that needs another runs in a process of its
    own.  Raises DermError where the run is not finished or was changed, where its test photographs are not to be had,
    and where an artefact predicts otherwise than the run: it is then not written.
    """
    require_finished(run)
    requested_backend()
    specs = [session.registry.get(ExporterSpec, name) for name in exporters]
    reference = reference_predictions(session, run)
    backend.start()
    import keras

    path = run.sealed(layout.MODEL)
    facts = session.registry.get(ExporterSpec, KERAS_EXPORTER).load(path).facts
    facts = replace(facts, thresholds=thresholds_of_run(run))
    if facts.preprocessing.crop == "lesion":
        warn(uncropped_warning(facts))
    if facts.views != NO_VIEWS:
        warn(
            f"run '{run.id}' was judged on the mean of several views of a photograph ({facts.views.text()}), and the "
            "file answers for one: an app must average them too (docs/export.md), or train with --views none."
        )
    model = keras.saving.load_model(path, compile=False)
    return [_export_format(session.registry, run, spec, model, facts, reference) for spec in specs]


def _export_format(  # noqa: PLR0917
    registry: Registry,
    run: RunFolder,
    spec: ExporterSpec,
    model: Any,
    facts: ArtefactFacts,
    reference: ReferencePredictions,
) -> ExportedArtefact:
    """Write the model in one format, check it, and note it in the run's record."""
    name = f"{layout.ARTEFACTS}/model{spec.suffix}"
    target = run / name
    target.parent.mkdir(exist_ok=True)
    with scratch_folder(".checking-", target.parent) as folder:
        candidate = folder / target.name
        spec.export(model, facts, candidate)
        exported = ExportedArtefact(
            spec.name, target, candidate.stat().st_size, check_parity(registry, facts, spec, candidate, reference)
        )
        artefact = ArtefactRecord(**exported.to_json() | {"path": name})
        # Another process may export the same run: neither may lose what the other notes in the record.
        with lease_held(run.path, PATIENCE):
            candidate.replace(target)
            record = run.record
            run.seal(name, record=replace(record, artefacts={**record.artefacts, spec.name: artefact}))
    return exported
