"""The data of a run: samples to train, validate and test on, none of which leaks from one part into another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from derm_cli.data.duplicates import NO_PAIRS, Pairs, near_duplicates, pairs_table, pairs_within
from derm_cli.data.ingesting import Ingested
from derm_cli.data.records import dropped_table
from derm_cli.data.samples import Samples, stage_samples, target_samples
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.frozen_split import FrozenSplit
from derm_cli.data.splitting.grouping import group_hashes
from derm_cli.data.splitting.holdout import holdout_reasons
from derm_cli.data.splitting.leaks import COLUMNS, leaks_in, leaks_text
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.data.splitting.salt import salt
from derm_cli.data.splitting.split import Split, split_all
from derm_cli.errors import DermError
from derm_cli.plan import Plan, Stage

SPLIT_COLUMNS = ("dataset", "case_id", "file", "label", "sha256", "part", "source", "group")


@dataclass(frozen=True)
class RunData:
    """The samples of a run, and tables of how all records were split and which were dropped.

    ``training`` and ``stage_validation`` have an entry a stage, by the stage's classes; the latter is None where no
    photograph is held out for it.  ``target_validation`` (None where it is empty) and ``test`` are parts of the target,
    by its own labels: on the one the finished model is calibrated, on the other it is evaluated.  ``split`` has the
    columns ``SPLIT_COLUMNS``, ``dropped`` those of :class:`derm_cli.data.records.Records`.
    """

    training: tuple[Samples, ...]
    stage_validation: tuple[Samples | None, ...]
    target_validation: Samples | None
    test: Samples
    split: pd.DataFrame
    dropped: pd.DataFrame

    def summary(self) -> dict[str, dict[str, Any]]:
        """Return for each dataset who split it, and the photographs in each part."""
        summary: dict[str, dict[str, Any]] = {}
        for name, rows in self.split.groupby("dataset", sort=False):
            counts = rows["part"].value_counts()
            sources = [each for each in (*rows["source"][rows["part"] == TEST], *rows["source"]) if each]
            summary[str(name)] = {"source": sources[0] if sources else ""}
            summary[str(name)] |= {part: int(counts.get(part, 0)) for part in (TRAIN, VALIDATION, TEST)}
        return summary


def assemble(
    plan: Plan, ingested: Mapping[str, Ingested], ledgers: SplitLedgers, frozen: FrozenSplit | None = None
) -> RunData:
    """Split every dataset, or take the ``frozen`` split, and select the samples of each stage and of the target.

    A photograph whose file is among the target's test photographs, or that looks like one of them, is taken out of
    every training and validation part; so is one that is, or looks like, any dataset's validation photograph, out of
    every training part.  What is left is looked at once more.  ``ledgers`` are read and given what is new, but not
    written.  Raises DermError where parts have a patient, a lesion, a file or looks in common, or where a class of a
    stage is left without a photograph to train on.
    """
    frames = {name: each.records.frame.assign(dataset=name) for name, each in ingested.items()}
    starts = np.cumsum([0, *(len(frame) for frame in frames.values())])
    duplicates = NO_PAIRS if frozen else _near_duplicates(frames)
    if frozen:
        splits = {name: frozen.replay(each.records) for name, each in ingested.items()}
    else:
        duplicates_of = {
            name: pairs_within(duplicates, starts[index], starts[index + 1]) for index, name in enumerate(frames)
        }
        splits = split_all({name: each.records for name, each in ingested.items()}, plan, ledgers, duplicates_of)
    combined = pd.concat([frame[["dataset", "case_id", "sha256"]] for frame in frames.values()], ignore_index=True)
    combined["part"] = np.concatenate([each.parts for each in splits.values()])
    reasons = np.concatenate([each.reasons for each in splits.values()])
    reasons = holdout_reasons(combined, duplicates, plan.target, reasons)
    reasons_of = dict(zip(frames, np.split(reasons, starts[1:-1]), strict=True))

    secret = salt()
    frames = {name: _with_split(frame, name, splits[name], secret) for name, frame in frames.items()}
    dropped = [each.records.dropped for each in ingested.values()]
    for name, frame in frames.items():
        is_dropped = reasons_of[name] != ""
        dropped.append(dropped_table(frame[is_dropped], reasons_of[name][is_dropped]))
        frames[name] = frame[~is_dropped]

    training, stage_validation = [], []
    for stage in plan.stages:
        samples, unmatched = stage_samples(plan, stage, TRAIN, ingested, frames)
        _require_every_class(stage, samples)
        training.append(samples)
        dropped.append(unmatched)
        stage_validation.append(_validation_samples(plan, stage, ingested, frames))
    target_validation = target_samples(plan, VALIDATION, ingested, frames)
    data = RunData(
        training=tuple(training),
        stage_validation=tuple(stage_validation),
        target_validation=target_validation if len(target_validation.labels) else None,
        test=target_samples(plan, TEST, ingested, frames),
        split=pd.concat(frames.values(), ignore_index=True)[list(SPLIT_COLUMNS)],
        dropped=pd.concat(dropped, ignore_index=True),
    )
    _refuse_leaks(data, pairs_table(combined, duplicates))
    return data


def _near_duplicates(frames: Mapping[str, pd.DataFrame]) -> Pairs:
    """Return the pairs of rows that look alike, of all datasets one after another."""
    return near_duplicates(
        [each for frame in frames.values() for each in frame.get("fingerprint", pd.Series([""] * len(frame)))]
    )


def _with_split(frame: pd.DataFrame, name: str, split: Split, secret: bytes) -> pd.DataFrame:
    """Return a dataset's records with the columns part, source and group of the split."""
    group = group_hashes(frame, split.groups, name, secret)
    return frame.assign(part=split.parts, source=split.sources, group=group)


def _require_every_class(stage: Stage, training: Samples) -> None:
    counts = np.bincount(training.labels, minlength=len(stage.classes))
    if (counts == 0).any():
        empty = stage.classes[int(np.argmin(counts))].name
        raise DermError(
            f"Stage '{stage.name}' has no photograph of class '{empty}' to train on: add some, or leave the class out."
        )


def _validation_samples(
    plan: Plan, stage: Stage, ingested: Mapping[str, Ingested], frames: Mapping[str, pd.DataFrame]
) -> Samples | None:
    """Return what a stage is validated on, or None where nothing is.  Raises DermError where a phase needs some."""
    if not plan.validation_share:
        return None
    samples, _ = stage_samples(plan, stage, VALIDATION, ingested, frames)
    if len(samples.labels):
        return samples
    for phase in stage.phases:
        if phase.options.validates:
            raise DermError(
                f"Stage '{stage.name}' has no photograph to be validated on at --validation-share "
                f"'{plan.validation_share}', but its phase '{phase.name}' stops early or keeps its best epoch: give a "
                "larger share."
            )
    return None


def _refuse_leaks(data: RunData, duplicates: pd.DataFrame) -> None:
    """Raise DermError where what is trained on, validated on and tested on in the end leaks, whatever put it there."""
    samples_by_part = [(TRAIN, each) for each in data.training]
    samples_by_part += [(VALIDATION, each) for each in data.stage_validation if each]
    samples_by_part.append((TEST, data.test))
    cases = pd.concat(
        [each.cases.reindex(columns=list(COLUMNS)).assign(part=part) for part, each in samples_by_part],
        ignore_index=True,
    ).drop_duplicates(["dataset", "case_id", "part"])
    leaks = leaks_in(cases, duplicates)
    if leaks:
        raise DermError(
            f"The split leaks: {leaks_text(leaks)}. Nothing is trained; take such photographs out, or begin another "
            "split with another --split-seed."
        )
