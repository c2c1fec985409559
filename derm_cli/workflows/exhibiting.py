"""Photographs for a run's page: confident mistakes, what it was least sure of, and one that is right a class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.locating import locate
from derm_cli.data.preprocessing import UnreadablePhotograph, read_photograph
from derm_cli.data.splitting import TEST
from derm_cli.engine import backend
from derm_cli.errors import DermError
from derm_cli.evaluation.drawing.overlay import address_of, beside
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.report import Photograph
from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluate import predictions_of_run
from derm_cli.workflows.session import Session

MOST = 12
"""Photographs of a kind."""
MISTAKES, UNSURE, RIGHT = "Most confident mistakes", "Least sure", "One that is right, for each class"


def photographs_of(session: Session, run: RunFolder) -> tuple[Photograph, ...]:
    """Return photographs beside themselves under the map of the class that was said; each is read again from its file.

    Raises DermError where the target's photographs are not to be had any more.
    """
    test, _ = predictions_of_run(run)
    if test.probabilities is None:
        return ()
    backend.start()
    import keras

    from derm_cli.engine.class_maps import ClassMaps

    maps = ClassMaps(keras.saving.load_model(run.sealed(names.MODEL), compile=False))
    split = pd.read_csv(run.sealed(names.SPLIT), dtype=str, keep_default_na=False)
    ours = split[(split["dataset"] == run.plan.target) & (split["part"] == TEST)]
    files = dict(zip(ours["case_id"], ours["file"], strict=True))
    root = locate(run.plan.target, session.settings, session.registry).root
    said = test.places(test.predictions)
    shown = []
    for group, row in _chosen(test):
        case = test.case_ids[row]
        try:
            pixels = read_photograph(root / files[case], run.plan.preprocessing)
        except (UnreadablePhotograph, KeyError) as reason:
            raise DermError(
                f"The photograph of case '{case}' cannot be shown ({reason}): put dataset '{run.plan.target}' back, or "
                "leave --photographs away."
            ) from None
        scores = maps(pixels[np.newaxis])[0, ..., said[row]]
        shown.append(Photograph(group, _caption(test, row), address_of(beside(pixels, scores))))
    return tuple(shown)


def _chosen(test: Predictions) -> list[tuple[str, int]]:
    """Return the rows that are shown, each with its group."""
    found = test.probabilities
    assert found is not None
    confidence = found.max(axis=1)
    wrong = test.labels != test.predictions
    order: npt.NDArray[np.intp] = np.argsort(-confidence, kind="stable")
    mistakes = [(MISTAKES, int(row)) for row in order if wrong[row]][:MOST]
    unsure = [(UNSURE, int(row)) for row in order[::-1]][:MOST]
    right = []
    for name in test.classes:
        rows = [int(row) for row in order if not wrong[row] and test.labels[row] == name]
        right += [(RIGHT, rows[0])] if rows else []
    return [*mistakes, *unsure, *right]


def _caption(test: Predictions, row: int) -> str:
    found = test.probabilities
    assert found is not None
    label, said = test.labels[row], test.predictions[row]
    told = f"{label}" if label == said else f"{label} taken for {said}"
    return f"{test.case_ids[row]}: {told} ({found[row].max():.0%})"
