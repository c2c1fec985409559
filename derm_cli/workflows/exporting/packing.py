"""Packs a run's artefacts into a bundle, by a packager of a plugin: nothing gets its name before it is proved."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.data.preprocessing import UnreadablePhotograph, read_photograph
from derm_cli.data.quality import quality_asked
from derm_cli.errors import DermError, RequestError
from derm_cli.evaluation.reporting.limitations import GENERAL
from derm_cli.plugin import PackagerSpec, PackedModel, PackRequest, Predictor, VerifyRequest, checked_probabilities
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.lease import lease_held
from derm_cli.scratch import scratch_folder
from derm_cli.taxonomy import class_severity
from derm_cli.workflows.evaluating.report_facts import report_facts
from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation
from derm_cli.workflows.exporting.export import PATIENCE, ExportedArtefact
from derm_cli.workflows.exporting.licences import licences_of_run
from derm_cli.workflows.exporting.telling import tell_exported
from derm_cli.workflows.exporting.thresholds import thresholds_of_run
from derm_cli.workflows.exporting.titles import titles_in
from derm_cli.workflows.exporting.unportable_steps import refuse_bundle
from derm_cli.workflows.predicting.predict import load_predictor
from derm_cli.workflows.session import Session

VERSIONS = ("python", "derm", "keras", "tensorflow", "jax", "numpy", "pillow")
"""What of a run's environment goes into a bundle: software, and nothing of the machine or of who used it."""
HASHED = {layout.SPLIT: "split", layout.MODEL: "model", layout.PREDICTIONS: "predictions"}
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of each file in a zip, the first that the format has: the same bundle gives the same bytes."""


@dataclass(frozen=True)
class ExportedBundle:
    """A bundle that was written: its packager, its folder or zip, and what has to be said of it before all else."""

    packager: str
    path: Path
    size: int
    warning: str

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return asdict(self) | {"path": str(self.path)}


def pack(
    session: Session,
    run: RunFolder,
    packager: str,
    artefacts: Sequence[ExportedArtefact],
    languages: Sequence[str] = (),
    *,
    as_zip: bool = False,
) -> ExportedBundle:
    """Pack artefacts of a run, which were written already, into a folder of the packager's name, or a zip.

    ``languages`` are those of the titles beside the English ones.
    Raises RequestError where the run's photographs go through a plugin's step, DermError where a check fails; what was
    there before then stays as it was.
    """
    refuse_bundle(run)
    spec = session.registry.get(PackagerSpec, packager)
    request = pack_request(session, run, artefacts, languages)
    target = run / (f"{spec.name}.zip" if as_zip else spec.name)
    with scratch_folder(".packing-", run.path) as scratch:
        folder = scratch / spec.name
        folder.mkdir()
        spec.pack(request, folder)
        if not (folder / spec.marker).is_file():
            raise DermError(
                f"The packager '{spec.name}' wrote no '{spec.marker}': report it to who made it. Nothing was packed."
            )
        found = spec.verify(folder, VerifyRequest())
        if not found.passed:
            faults = [*found.faults, *(each.fault for each in found.checks if each.fault)]
            said = "; ".join(each.removesuffix(".") for each in faults)
            raise DermError(f"The {spec.name} of run '{run.id}' is not written ({said}): report it, or train again.")
        candidate = _zipped(folder, scratch / target.name) if as_zip else folder
        size = sum(each.stat().st_size for each in ([candidate] if as_zip else candidate.rglob("*")) if each.is_file())
        with lease_held(run.path, PATIENCE):
            # A folder cannot replace another that has files: the older one moves to where it is removed.
            if target.is_dir():
                target.replace(scratch / "earlier")
            candidate.replace(target)
            _seal(run, target)
    tell_exported(session, run, spec.name, target, request.facts)
    return ExportedBundle(spec.name, target, size, warning_of(request))


def warning_of(request: PackRequest) -> str:
    """Return what has to be said first of a model: data that forbid commercial use; '' where there are none."""
    names = [f"{each.name} ({each.licence})" for each in (*request.datasets, *request.weights) if each.non_commercial]
    return f"Not for commercial use: trained on {', '.join(names)}." if names else ""


def pack_request(
    session: Session, run: RunFolder, artefacts: Sequence[ExportedArtefact], languages: Sequence[str] = ()
) -> PackRequest:
    """Return what is known of a run, and its own answers to files, for a packager; titles in ``languages`` too."""
    predictor = load_predictor(session, str(run.path))
    record, evaluation = run.record, stored_evaluation(run) if run.has_sealed(layout.EVALUATION) else {}
    datasets, weights = licences_of_run(session, run)
    hashes = {"plan": record.plan, "preprocessing": record.preprocessing}
    hashes |= {title: record.files.get(name) for name, title in HASHED.items()}
    environment = {name: record.environment.get(name) for name in VERSIONS}

    def answer(asked: Sequence[tuple[Path, Mapping[str, float | str]]]) -> npt.NDArray[np.float64]:
        return answers_from_files(predictor, asked)

    return PackRequest(
        facts=replace(predictor.facts, thresholds=thresholds_of_run(run), titles=titles_in(session, run, languages)),
        models=tuple(_packed(each) for each in artefacts),
        run={
            "hashes": {name: each for name, each in hashes.items() if each},
            "data": dict(record.data),
            "versions": {name: str(each) for name, each in environment.items() if each},
        },
        evaluation=evaluation,
        limitations=(*report_facts(run).limitations, *GENERAL),
        datasets=datasets,
        weights=weights,
        severities={each.name: class_severity(each) for each in run.plan.classes},
        quality=quality_asked(run.plan.preprocessing.size),
        answer=answer,
    )


def answers_from_files(
    predictor: Predictor, asked: Sequence[tuple[Path, Mapping[str, float | str]]]
) -> npt.NDArray[np.float64]:
    """Return the probabilities of photographs' files by derm's reading, each with its answers, float64 (n, classes).

    Raises RequestError for a file that is no photograph, and DermError where an answer is no number.
    """
    encoding, rows = predictor.facts.answers, []
    for path, answers in asked:
        try:
            pixels = read_photograph(path, predictor.facts.preprocessing)
        except UnreadablePhotograph as reason:
            raise RequestError(f"'{path}' cannot be read ({reason}): leave it out.") from None
        vector = () if encoding is None else (encoding.encode(answers)[np.newaxis],)
        values = checked_probabilities(predictor(pixels[np.newaxis], *vector), predictor.facts)
        rows.append(np.asarray(values[0], dtype=np.float64))
    return np.array(rows).reshape(len(rows), len(predictor.facts.classes))


def _packed(artefact: ExportedArtefact) -> PackedModel:
    parity = artefact.parity
    numbers = {
        "photographs": parity.photographs,
        "max_difference": parity.max_difference,
        "agreement": parity.agreement,
    }
    return PackedModel(path=artefact.path, exporter=artefact.exporter, variant=artefact.variant, parity=numbers)


def _zipped(folder: Path, path: Path) -> Path:
    """Write a folder's files, stored, in the order of their names, and return the zip."""
    with zipfile.ZipFile(path, "x") as archive:
        for each in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(each.relative_to(folder).as_posix(), _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.file_size = each.stat().st_size
            with archive.open(entry, "w") as target, each.open("rb") as source:
                while piece := source.read(1 << 20):
                    target.write(piece)
    return path


def _seal(run: RunFolder, target: Path) -> None:
    """Note the hashes of a bundle's files in the run's record, in the place of those of an earlier one."""
    name, record = target.name, run.record
    kept = {file: digest for file, digest in record.files.items() if not file.startswith(f"{name}/")}
    files = [target] if target.is_file() else [each for each in target.rglob("*") if each.is_file()]
    names = sorted(each.relative_to(run.path).as_posix() for each in files)
    run.seal(*names, record=replace(record, files=kept))
