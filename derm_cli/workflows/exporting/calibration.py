"""The photographs by which quantized variants are calibrated: some of the training part, as many of each class."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np
import pandas as pd

from derm_cli.plugin import CalibrationPhotographs
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.predicting.run_photographs import cases_of_training_part, read_photographs_of_cases
from derm_cli.workflows.session import Session

PHOTOGRAPHS = 128
"""How many are asked for: docs/guides/export.md has what more and fewer gave."""
SEED = 0


def calibration_photographs(session: Session, run: RunFolder) -> CalibrationPhotographs:
    """Read the photographs from their files again.

    A run gives the same ones each time.  Of a run that was not trained on photographs of its target, as an ensemble,
    they are others of its own.  Raises DermError where one is gone or changed.
    """
    cases = balanced(cases_of_training_part(run), PHOTOGRAPHS)
    pixels = read_photographs_of_cases(
        session, run, cases, f"Run '{run.id}' cannot be quantized", "photograph of its training part"
    )
    return CalibrationPhotographs(photographs=np.ascontiguousarray(pixels), sha256=tuple(cases["sha256"].astype(str)))


def balanced(cases: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return ``count`` rows of split.csv at most, drawn with a seed of its own, as many of each label as can be had.

    Labels of few cases give all that they have, and the others fill up.
    """
    ordered = cases.sort_values("case_id", ignore_index=True)
    draw = np.random.default_rng(SEED)
    of_labels = [draw.permutation(rows) for _, rows in sorted(ordered.groupby("label").indices.items())]
    turns = [row for turn in zip_longest(*of_labels) for row in turn if row is not None]
    return ordered.iloc[sorted(turns[:count])].reset_index(drop=True)
