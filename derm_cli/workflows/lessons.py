"""What each stage learns from and what the run is tested on: records with photographs, and nothing leaked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.photographs import Photographs
from derm_cli.data.records import DROPPED
from derm_cli.data.splitting import TEST, TRAIN
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
    """A run's data: a training part for each stage, the test part of the target, the split and what was dropped."""

    stages: tuple[Part, ...]
    test: Part
    split: pd.DataFrame
    dropped: pd.DataFrame


def divide(plan: Plan, ingested: dict[str, Ingested]) -> Lessons:
    """Split every dataset and gather what each stage trains on.

    A file that is also among the target's test photographs is taken out of every training part.  Raises DermError
    where a class of a stage is left without a photograph to train on.
    """
    frames = {
        name: each.records.frame.assign(dataset=name, tested=split_records(each.records, plan))
        for name, each in ingested.items()
    }
    target = frames[plan.target]
    test_contents = set(target.loc[target["tested"], "sha256"])
    dropped = [each.records.dropped for each in ingested.values()]
    for name, frame in frames.items():
        leaked = ~frame["tested"] & frame["sha256"].isin(test_contents)
        dropped.append(_dropped(frame[leaked], f"the same file is among the test photographs of '{plan.target}'"))
        frames[name] = frame[~leaked]

    stages = []
    for stage in plan.stages:
        part, unmatched = _training_part(plan, stage, ingested, frames)
        stages.append(part)
        dropped.append(unmatched)
    tested = frames[plan.target][frames[plan.target]["tested"]]
    names = [each.name for each in plan.classes]
    test = Part(_photographs([(ingested[plan.target], tested)]), _places(tested["label"], names), tested)
    everything = pd.concat(frames.values(), ignore_index=True)
    split = everything[["dataset", "case_id", "file", "label", "sha256"]].assign(
        part=np.where(everything["tested"], TEST, TRAIN)
    )
    return Lessons(tuple(stages), test, split, pd.concat(dropped, ignore_index=True))


def _training_part(
    plan: Plan, stage: Stage, ingested: dict[str, Ingested], frames: dict[str, pd.DataFrame]
) -> tuple[Part, pd.DataFrame]:
    names = [each.name for each in stage.classes]
    chosen, unmatched = [], []
    for name in stage.datasets:
        frame = frames[name].assign(place=stage_labels(ingested[name].records, stage, plan))
        trained = frame[~frame["tested"]]
        outside = ~trained["place"].isin(names)
        unmatched.append(_dropped(trained[outside], f"no class of stage '{stage.name}' covers its diagnosis"))
        chosen.append((ingested[name], trained[~outside]))
    cases = pd.concat([rows for _, rows in chosen], ignore_index=True)
    labels = _places(cases["place"], names)
    counts = np.bincount(labels, minlength=len(names))
    if (counts == 0).any():
        empty = names[int(np.argmin(counts))]
        raise DermError(
            f"Stage '{stage.name}' has no photograph of class '{empty}' to train on: add some, or leave the class out."
        )
    return Part(_photographs(chosen), labels, cases), pd.concat(unmatched, ignore_index=True)


def _photographs(chosen: list[tuple[Ingested, pd.DataFrame]]) -> Photographs:
    return Photographs(tuple((each.photographs, rows["row"].to_numpy(dtype=np.intp)) for each, rows in chosen))


def _places(labels: pd.Series[str], names: list[str]) -> npt.NDArray[np.int32]:
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[label] for label in labels], dtype=np.int32)


def _dropped(frame: pd.DataFrame, reason: str) -> pd.DataFrame:
    return frame[["dataset", "case_id", "file", "label"]].assign(reason=reason)[list(DROPPED)]
