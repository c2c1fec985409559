"""Samples: the photographs of a part of a split, with their class indices, for a stage or for the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.ingesting import Ingested
from derm_cli.data.labels import stage_labels
from derm_cli.data.photographs import Photographs
from derm_cli.data.records import UNMATCHED, dropped_table
from derm_cli.plan import Plan, Stage

STAGE_CLASS = "stage_class"


@dataclass(frozen=True)
class Samples:
    """Photographs, their labels as class indices, int32 (n,), and their cases, n rows of the datasets' records."""

    photographs: Photographs
    labels: npt.NDArray[np.int32]
    cases: pd.DataFrame


def stage_samples(
    plan: Plan, stage: Stage, part: str, ingested: Mapping[str, Ingested], frames: Mapping[str, pd.DataFrame]
) -> tuple[Samples, pd.DataFrame]:
    """Return a part of a stage's datasets by the stage's classes, and what of it no class covers, as dropped records.

    ``frames`` are the records by dataset, with the column ``part``.
    """
    classes = [each.name for each in stage.classes]
    matched, unmatched = [], []
    for name in stage.datasets:
        frame = frames[name].assign(**{STAGE_CLASS: stage_labels(ingested[name].records, stage, plan)})
        rows = frame[frame["part"] == part]
        is_matched = rows[STAGE_CLASS].isin(classes)
        unmatched.append(dropped_table(rows[~is_matched], UNMATCHED.format(stage=stage.name)))
        matched.append((ingested[name], rows[is_matched]))
    cases = pd.concat([rows for _, rows in matched], ignore_index=True)
    labels = class_indices(cases[STAGE_CLASS], classes)
    return Samples(_photographs(matched), labels, cases), pd.concat(unmatched, ignore_index=True)


def target_samples(
    plan: Plan, part: str, ingested: Mapping[str, Ingested], frames: Mapping[str, pd.DataFrame]
) -> Samples:
    """Return a part of the target, by its own labels."""
    frame = frames[plan.target]
    cases = frame[frame["part"] == part]
    labels = class_indices(cases["label"], [each.name for each in plan.classes])
    return Samples(_photographs([(ingested[plan.target], cases)]), labels, cases)


def class_indices(labels: pd.Series[str], classes: Sequence[str]) -> npt.NDArray[np.int32]:
    """Return the index in ``classes`` of each label, int32 (n,).  Raises KeyError for a label that is none of them."""
    indices = {name: index for index, name in enumerate(classes)}
    return np.array([indices[label] for label in labels], dtype=np.int32)


def _photographs(selected: Sequence[tuple[Ingested, pd.DataFrame]]) -> Photographs:
    return Photographs(tuple((each.photographs, rows["row"].to_numpy(dtype=np.intp)) for each, rows in selected))
