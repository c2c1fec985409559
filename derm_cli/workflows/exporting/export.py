"""Exports a finished run's model for apps, each file checked against the run: ``derm export``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derm_cli.console import warn
from derm_cli.engine import backend
from derm_cli.engine.framework_settings import requested_backend
from derm_cli.errors import RequestError
from derm_cli.files import size_of
from derm_cli.plan import NO_VIEWS
from derm_cli.plugin import ArtefactFacts, CalibrationPhotographs, ExporterSpec, ExporterVariant, read_keras_model
from derm_cli.plugin.calling import wrong_result
from derm_cli.plugin.registry import Registry
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.lease import lease_held
from derm_cli.runs.record import ArtefactRecord
from derm_cli.runs.runs import require_finished
from derm_cli.scratch import scratch_folder
from derm_cli.workflows.exporting.calibration import calibration_photographs
from derm_cli.workflows.exporting.chosen_options import chosen_options, file_ending
from derm_cli.workflows.exporting.parity import (
    MOST_CHECKED,
    MOST_JUDGED,
    Parity,
    ReferencePredictions,
    check_parity,
    reference_predictions,
)
from derm_cli.workflows.exporting.telling import tell_exported
from derm_cli.workflows.exporting.thresholds import thresholds_of_run
from derm_cli.workflows.exporting.titles import titles_in
from derm_cli.workflows.exporting.unportable_steps import step_warning
from derm_cli.workflows.exporting.variants import NO_VARIANT, requested_variants
from derm_cli.workflows.predicting.predict import KERAS_EXPORTER, uncropped_warning
from derm_cli.workflows.session import Session

PATIENCE = 60
"""Seconds that an export waits for another of the same run to note an artefact, which takes far less than one."""


@dataclass(frozen=True)
class ExportedArtefact:
    """An artefact that was written: its format, its file, the bytes it takes, and how near it is to its run.

    ``variant`` is empty for the format as it is.  ``calibration`` has the SHA-256 of each photograph's file by which a
    quantized variant was calibrated.  ``options`` are the values of all of the exporter's own options, ``chosen`` those
    that are not the defaults as they are typed: by them two artefacts of one format are told apart.
    """

    exporter: str
    path: Path
    size: int
    parity: Parity
    variant: str = ""
    calibration: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    chosen: str = ""

    @property
    def name(self) -> str:
        """The exporter's name, and behind a colon the variant's or the chosen options: the key in run.json."""
        return artefact_name(self.exporter, self.variant, self.chosen)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values, those of a variant and of options where there are any."""
        values = {"exporter": self.exporter, "path": str(self.path), "size": self.size, **self.parity.to_json()}
        values |= {"variant": self.variant} if self.variant else {}
        values |= {"options": dict(self.options)} if self.options else {}
        return values | ({"calibration": list(self.calibration)} if self.calibration else {})


def artefact_name(exporter: str, variant: str = "", chosen: str = "") -> str:
    """Return what an artefact is called in its run's record, as in ``tflite:int8``."""
    return ":".join(filter(None, (exporter, variant, chosen)))


def export(
    session: Session,
    run: RunFolder,
    exporters: list[str],
    variants: Sequence[str] = (NO_VARIANT,),
    languages: Sequence[str] = (),
    *,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[ExportedArtefact]:
    """Write ``run``'s model in each of the formats, each checked against the run before it takes its place.

    ``variants`` are written of each exporter that has them; ``none`` is the format as it is, which is what an exporter
    without any variant writes.  ``languages`` are those of the titles that stand beside the English ones, ``options``
    those of exporters' own, by the exporter's name; what is not given has its default.  The model is
    loaded with the backend that was asked for; a converter that needs another runs in a process of its own.  Raises
    DermError where the run is not finished or was changed, where its photographs are not to be had, and where an
    artefact predicts otherwise than the run: it is then not written.
    """
    require_finished(run)
    if run.plan.preprocessing.vector:
        raise RequestError(
            f"Run '{run.id}' cannot be exported: it reads vectors, and a phone would need the foundation model that "
            "makes them; train a backbone that reads photographs, such as effnet-lite0."
        )
    requested_backend()
    chosen = {name: session.registry.get(ExporterSpec, name).component((options or {}).get(name)) for name in exporters}
    asked = requested_variants([session.registry.get(ExporterSpec, name) for name in exporters], variants)
    titles = titles_in(session, run, languages)
    judged = any(each is not None and each.recall_loss is not None for _, each in asked)
    reference = reference_predictions(session, run, MOST_JUDGED if judged else MOST_CHECKED)
    backend.start()
    path = run.sealed(layout.MODEL)
    facts = session.registry.get(ExporterSpec, KERAS_EXPORTER).load(path).facts
    facts = replace(facts, thresholds=thresholds_of_run(run), titles=titles)
    if facts.preprocessing.crop == "lesion":
        warn(uncropped_warning(facts))
    if facts.preprocessing.steps:
        warn(step_warning(facts))
    if facts.views != NO_VIEWS:
        warn(
            f"run '{run.id}' was judged on the mean of several views of a photograph ({facts.views.text()}), and the "
            "file answers for one: an app must average them too (docs/guides/export.md), or train with --views none."
        )
    model = read_keras_model(path)
    calibrated = any(each is not None and each.calibrated for _, each in asked)
    calibration = calibration_photographs(session, run) if calibrated else None
    exported = []
    for spec, variant in asked:
        artefact = _export_format(
            session.registry, run, spec, model, facts, reference, variant, calibration, chosen[spec.name].options
        )
        tell_exported(session, run, spec.name, artefact.path, replace(facts, variant=artefact.variant))
        exported.append(artefact)
    return exported


def _export_format(  # noqa: PLR0917
    registry: Registry,
    run: RunFolder,
    spec: ExporterSpec,
    model: Any,
    facts: ArtefactFacts,
    reference: ReferencePredictions,
    variant: ExporterVariant | None = None,
    calibration: CalibrationPhotographs | None = None,
    options: Mapping[str, Any] | None = None,
) -> ExportedArtefact:
    """Write the model in one format, check it, and note it in the run's record."""
    # The options are of the format as it is; a variant is written without them.
    options = options or {} if variant is None else {}
    chosen = chosen_options(spec, options)
    ending = file_ending(chosen) if variant is None else f"-{variant.name}"
    name = f"{layout.ARTEFACTS}/model{ending}{spec.suffix}"
    target = run / name
    target.parent.mkdir(exist_ok=True)
    with scratch_folder(".checking-", target.parent) as folder:
        candidate = folder / target.name
        used = calibration if variant is not None and variant.calibrated else None
        if variant is None:
            spec.export(model, facts, candidate, *([options] if options else []))
        else:
            facts = replace(facts, variant=variant.name)
            variant.export(model, facts, candidate, used)
        if candidate.is_dir() != spec.is_folder:
            said = f"writes a {'folder' if candidate.is_dir() else 'file'}, but 'is_folder' is {spec.is_folder}"
            raise wrong_result(spec.export, said, f"The exporter '{spec.name}' {said}: tell its author.")
        parity = check_parity(registry, facts, spec, candidate, reference, variant)
        exported = ExportedArtefact(
            spec.name,
            target,
            size_of(candidate),
            parity,
            "" if variant is None else variant.name,
            () if used is None else used.sha256,
            options,
            chosen,
        )
        artefact = ArtefactRecord(**exported.to_json() | {"path": name})
        # Another process may export the same run: neither may lose what the other notes in the record.
        with lease_held(run.path, PATIENCE):
            if target.is_dir():
                # No folder takes the place of another.
                target.replace(folder / "before")
            candidate.replace(target)
            record = run.record
            run.seal(name, record=replace(record, artefacts={**record.artefacts, exported.name: artefact}))
    return exported
