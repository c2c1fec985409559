"""Proves a bundle, by its packager, and against its run where that is at hand: ``derm verify``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from derm_cli.csv_cells import read_frame
from derm_cli.data.locating import locate
from derm_cli.data.photographs_on_disk import near_files
from derm_cli.errors import DermError
from derm_cli.files import sha256_of
from derm_cli.plugin import ArtefactFacts, CheckedPhotograph, Verification, VerifyRequest
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished
from derm_cli.workflows.bundle_folder import opened_bundle
from derm_cli.workflows.cache import RUNTIMES
from derm_cli.workflows.exporting.packing import answers_from_files
from derm_cli.workflows.predicting.predict import load_predictor
from derm_cli.workflows.predicting.run_photographs import cases_to_check
from derm_cli.workflows.session import Session

MOST_CHECKED = 128
"""The most photographs of a run on which a bundle is checked, from the file on, in each runtime."""


def verify(
    session: Session, path: Path, runtimes: Sequence[str] = (), run: RunFolder | None = None, most: int = MOST_CHECKED
) -> Verification:
    """Return what is found of a bundle, a folder or a zip, in ``runtimes``, by default all that can be had.

    With ``run``, it is asked about that run's test photographs too, as files, beside the run's own model.  Raises
    DermError where it is no bundle, and where a photograph of the run is gone or changed.
    """
    photographs = () if run is None else photographs_of_run(session, run, most)
    with opened_bundle(session.registry, path) as (packager, folder):
        cache = session.settings.cache_folder / RUNTIMES
        return packager.verify(folder, VerifyRequest(runtimes=tuple(runtimes), photographs=photographs, cache=cache))


def photographs_of_run(session: Session, run: RunFolder, most: int = MOST_CHECKED) -> tuple[CheckedPhotograph, ...]:
    """Return test photographs of a run, evenly picked where there are many, each with what the run's model answers.

    They are taken whole, as an app does, where the run cropped to lesions.  Raises DermError where one is gone or
    changed since the run.
    """
    require_finished(run)
    cases = cases_to_check(run)
    picked = np.unique(np.linspace(0, len(cases) - 1, min(most, len(cases))).round().astype(int))
    cases = cases.iloc[picked].reset_index(drop=True)
    files = _files(session, run, cases)
    predictor = load_predictor(session, str(run.path))
    answers = _answers(run, predictor.facts, cases["case_id"].tolist())
    probabilities = answers_from_files(predictor, list(zip(files, answers, strict=True)))
    return tuple(
        CheckedPhotograph(path=file, probabilities=tuple(map(float, row)), answers=known, label=str(label))
        for file, row, known, label in zip(files, probabilities, answers, cases["label"], strict=True)
    )


def _files(session: Session, run: RunFolder, cases: pd.DataFrame) -> list[Path]:
    root = locate(run.plan.target, session.settings, session.registry).root
    near = near_files(root, (name for name in cases["file"] if not (root / name).is_file()))
    files = [root / near.get(name, name) for name in cases["file"]]
    for file, expected in zip(files, cases["sha256"], strict=True):
        if not file.is_file() or sha256_of(file) != expected:
            raise DermError(
                f"The bundle cannot be checked against run '{run.id}': its photograph '{file}' is gone or changed. Put "
                f"dataset '{run.plan.target}' back, or say where it is in derm.toml."
            )
    return files


def _answers(run: RunFolder, facts: ArtefactFacts, cases: list[str]) -> list[dict[str, float | str]]:
    """Return the answers of each case by question, those alone that are known and that the model takes as answers."""
    if facts.answers is None or not run.has_sealed(layout.ANSWERS):
        return [{} for _ in cases]
    table = read_frame(run.sealed(layout.ANSWERS)).set_index("case_id").loc[cases]
    found: list[dict[str, float | str]] = [{} for _ in cases]
    for each in facts.answers.fields:
        name = each.field.name
        for row, text in enumerate(table.get(name, ())):
            answer = None if pd.isna(text) else each.field.parse(str(text))
            # A choice that nobody had in training says nothing to the model.
            if answer is not None and (each.field.kind != "choice" or answer in each.choices):
                found[row][name] = answer
    return found
