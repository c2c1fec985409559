"""What each stage learns from and what the run is tested on: records with photographs, and nothing leaked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.photographs import Photographs
from derm_cli.data.records import DROPPED
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.errors import DermError
from derm_cli.plan import Plan, Stage
from derm_cli.workflows.ingesting import Ingested
from derm_cli.workflows.preparing import split_records, stage_labels


@dataclass(frozen=True)
class Part:
    """Photographs with their labels as places in a class list, int32 (n,), and their cases."""

    photographs: Photographs
    labels: npt.NDArray[np.int32]
    cases: pd.DataFrame


@dataclass(frozen=True)
class Lessons:
    """A run's data: training and validation parts of each stage, the target's test part, the split, what was dropped.

    ``validations`` are None without a validation share.
    """

    stages: tuple[Part, ...]
    validations: tuple[Part | None, ...]
    test: Part
    split: pd.DataFrame
    dropped: pd.DataFrame


def divide(plan: Plan, ingested: dict[str, Ingested]) -> Lessons:
    """Split every dataset and gather what each stage trains on.

    A file that is also among the target's test photographs is taken out of every training and validation part, and one
    that is among any dataset's validation photographs out of every training part.  Raises DermError where a class of a
    stage is left without a photograph to train on.
    """
    frames = {
        name: each.records.frame.assign(dataset=name, part=split_records(each.records, plan))
        for name, each in ingested.items()
    }
    dropped = [each.records.dropped for each in ingested.values()]
    target = frames[plan.target]
    kept_back = [(TEST, plan.target, [TRAIN, VALIDATION], set(target.loc[target["part"] == TEST, "sha256"]))]
    for name, frame in frames.items():
        kept_back.append((VALIDATION, name, [TRAIN], set(frame.loc[frame["part"] == VALIDATION, "sha256"])))
    for part, owner, others, contents in kept_back:
        for name, frame in frames.items():
            leaked = frame["part"].isin(others) & frame["sha256"].isin(contents)
            dropped.append(_dropped(frame[leaked], f"the same file is among the {part} photographs of '{owner}'"))
            frames[name] = frame[~leaked]

    stages, validations = [], []
    for stage in plan.stages:
        training, unmatched = _part(plan, stage, ingested, frames, TRAIN)
        counts = np.bincount(training.labels, minlength=len(stage.classes))
        if (counts == 0).any():
            empty = stage.classes[int(np.argmin(counts))].name
            raise DermError(
                f"Stage '{stage.name}' has no photograph of class '{empty}' to train on: add some, or leave the class "
                "out."
            )
        stages.append(training)
        dropped.append(unmatched)
        validations.append(_validation(plan, stage, ingested, frames))
    tested = frames[plan.target][frames[plan.target]["part"] == TEST]
    names = [each.name for each in plan.classes]
    test = Part(_photographs([(ingested[plan.target], tested)]), _places(tested["label"], names), tested)
    everything = pd.concat(frames.values(), ignore_index=True)
    split = everything[["dataset", "case_id", "file", "label", "sha256", "part"]]
    return Lessons(tuple(stages), tuple(validations), test, split, pd.concat(dropped, ignore_index=True))


def _validation(
    plan: Plan, stage: Stage, ingested: dict[str, Ingested], frames: dict[str, pd.DataFrame]
) -> Part | None:
    if not plan.validation_share:
        return None
    found, _ = _part(plan, stage, ingested, frames, VALIDATION)
    if len(found.labels) == 0:
        raise DermError(
            f"Stage '{stage.name}' has no photograph to be validated on at --validation-share "
            f"'{plan.validation_share}': give a larger share, or 0."
        )
    return found


def _part(
    plan: Plan, stage: Stage, ingested: dict[str, Ingested], frames: dict[str, pd.DataFrame], part: str
) -> tuple[Part, pd.DataFrame]:
    """Return a part of a stage's datasets, and what of it no class of the stage covers."""
    names = [each.name for each in stage.classes]
    chosen, unmatched = [], []
    for name in stage.datasets:
        frame = frames[name].assign(place=stage_labels(ingested[name].records, stage, plan))
        inside = frame[frame["part"] == part]
        outside = ~inside["place"].isin(names)
        unmatched.append(_dropped(inside[outside], f"no class of stage '{stage.name}' covers its diagnosis"))
        chosen.append((ingested[name], inside[~outside]))
    cases = pd.concat([rows for _, rows in chosen], ignore_index=True)
    labels = _places(cases["place"], names)
    return Part(_photographs(chosen), labels, cases), pd.concat(unmatched, ignore_index=True)


def _photographs(chosen: list[tuple[Ingested, pd.DataFrame]]) -> Photographs:
    return Photographs(tuple((each.photographs, rows["row"].to_numpy(dtype=np.intp)) for each, rows in chosen))


def _places(labels: pd.Series[str], names: list[str]) -> npt.NDArray[np.int32]:
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[label] for label in labels], dtype=np.int32)


def _dropped(frame: pd.DataFrame, reason: str) -> pd.DataFrame:
    return frame[["dataset", "case_id", "file", "label"]].assign(reason=reason)[list(DROPPED)]
