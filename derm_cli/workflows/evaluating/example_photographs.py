"""Photographs for a page of figures: confident mistakes, what was least sure, and one that is right for each class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from derm_cli.console import progress
from derm_cli.data.preprocessing import Pixels
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.plots.overlay import address_of, beside
from derm_cli.evaluation.reporting.report import Photograph
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.run_evaluation import predictions_of_run
from derm_cli.workflows.predicting.class_maps import load_class_maps
from derm_cli.workflows.predicting.run_photographs import cases_of_test_part, read_test_photographs
from derm_cli.workflows.session import Session

MOST = 12
"""Photographs of a kind."""
TOLERANCE = 0.01
"""How far a probability may be from the table's: accelerators round otherwise, and other pixels say something else."""
MISTAKES, UNSURE, RIGHT = "Most confident mistakes", "Least sure", "One that is right, for each class"
Taking = Callable[[npt.NDArray[np.intp]], Pixels]


def photographs_of(session: Session, run: RunFolder) -> tuple[Photograph, ...]:
    """Return some of a run's test photographs under their class maps, as :func:`exhibited` does.

    They are read from their files again.  Raises DermError where the dataset is not to be had or was changed.
    """
    test, _ = predictions_of_run(run)
    cases = cases_of_test_part(run).set_index("case_id", drop=False)

    def take(rows: npt.NDArray[np.intp]) -> Pixels:
        asked = cases.loc[[test.case_ids[row] for row in rows]].reset_index(drop=True)
        return read_test_photographs(session, run, asked, f"--photographs cannot show run '{run.id}'")

    return exhibited(run, test, take)


def exhibited(run: RunFolder, test: Predictions, take: Taking) -> tuple[Photograph, ...]:
    """Return photographs beside themselves under the map of the class that was said, and under that of another.

    The other is the true class, or where that was said, the next most probable.

    ``take`` gives the pixels of rows of ``test`` that the run's model was asked about, uint8 (n, size, size, 3).
    Raises DermError where the model does not say of them what ``test`` has.
    """
    chosen = _chosen(test)
    if not chosen:
        return ()
    pixels = take(np.array([row for _, row in chosen], dtype=np.intp))
    maps = load_class_maps(run.sealed(layout.MODEL), run.id)
    said, other = _compared(test)
    shown = []
    for place in progress(range(len(chosen)), "Drawing class maps", total=len(chosen)):
        group, row = chosen[place]
        scores = maps(pixels[place : place + 1])[0]
        _check(run, test, row, scores)
        picture = beside(pixels[place], scores[..., said[row]], scores[..., other[row]])
        shown.append(Photograph(group, _caption(test, row, int(other[row])), address_of(picture)))
    return tuple(shown)


def _chosen(test: Predictions) -> list[tuple[str, int]]:
    """Return the rows that are shown, each with its group; none is in two.

    Confidence is the highest probability, as where the least confident are left to a person.
    """
    found = test.probabilities
    if found is None:
        return []
    wrong = test.labels != test.predictions
    order = np.argsort(-found.max(axis=1), kind="stable").tolist()
    mistakes = [row for row in order if wrong[row]][:MOST]
    best: dict[str, int] = {}
    for row in order:
        if not wrong[row]:
            best.setdefault(str(test.labels[row]), row)
    right = [best[name] for name in test.classes if name in best]
    shown = {*mistakes, *right}
    unsure = [row for row in reversed(order) if row not in shown][:MOST]
    without = [name for name in test.classes if name not in best and name in test.labels]
    told = f"{RIGHT} (none is right of {', '.join(without)})" if without else RIGHT
    groups = ((MISTAKES, mistakes), (UNSURE, unsure), (told, right))
    return [(group, row) for group, rows in groups for row in rows]


def _compared(test: Predictions) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the places of the two classes whose maps are shown of each case: what was said, and the other."""
    assert test.probabilities is not None
    said, truth = test.places(test.predictions), test.places(test.labels)
    rest = test.probabilities.copy()
    rest[np.arange(len(said)), said] = -1
    return said, np.where(said == truth, rest.argmax(axis=1), truth)


def _check(run: RunFolder, test: Predictions, row: int, scores: npt.NDArray[np.float32]) -> None:
    """Hold what is shown against what was judged: a mask may have changed, or what a pixel is read as."""
    assert test.probabilities is not None
    logits = scores.mean(axis=(0, 1), dtype=np.float64)
    powers = np.exp(logits - logits.max())
    difference = np.abs(powers / powers.sum() - test.probabilities[row]).max()
    if not difference <= TOLERANCE:
        raise DermError(
            f"Case '{test.case_ids[row]}' cannot be shown: of its photograph as it is read now, run '{run.id}' gives a "
            f"probability that is '{difference:.2g}' from the one that was judged. Put its mask back, or leave "
            "--photographs away."
        )


def _caption(test: Predictions, row: int, other: int) -> str:
    assert test.probabilities is not None
    found = dict(zip(test.classes, test.probabilities[row].tolist(), strict=True))
    label, said, case, second = test.labels[row], str(test.predictions[row]), test.case_ids[row], test.classes[other]
    first, last = f"{case}: said {said} ({found[said]:.0%})", f"{second} ({found[second]:.0%})"
    return f"{first}, rightly; next {last}" if label == said else f"{first}, but is {last}"
