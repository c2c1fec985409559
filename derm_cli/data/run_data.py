"""What each stage learns from and what the run is tested on: records with photographs, and nothing leaked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.duplicates import near_duplicates
from derm_cli.data.ingesting import Ingested
from derm_cli.data.labels import stage_labels
from derm_cli.data.photographs import Photographs
from derm_cli.data.records import DROPPED
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.grouping import NO_PAIRS, Pairs, hashes_of
from derm_cli.data.splitting.leaks import COLUMNS, leaks_in, some
from derm_cli.data.splitting.ledger import Ledgers
from derm_cli.data.splitting.salt import salt
from derm_cli.data.splitting.split import pairs_of, replay_split, split_all
from derm_cli.errors import DermError
from derm_cli.plan import Plan, Stage

SPLIT_COLUMNS = ("dataset", "case_id", "file", "label", "sha256", "part", "source", "group")


@dataclass(frozen=True)
class Samples:
    """Photographs with their labels as places in a class list, int32 (n,), and their cases."""

    photographs: Photographs
    labels: npt.NDArray[np.int32]
    cases: pd.DataFrame


@dataclass(frozen=True)
class RunData:
    """A run's data: training and validation parts of each stage, the target's own, the split, what was dropped.

    ``validations`` are None where no photograph is kept back for a stage.  ``validation`` and ``test`` are the target's
    parts, by which the finished model is calibrated and judged.
    """

    stages: tuple[Samples, ...]
    validations: tuple[Samples | None, ...]
    validation: Samples | None
    test: Samples
    split: pd.DataFrame
    dropped: pd.DataFrame

    def summary(self) -> dict[str, dict[str, Any]]:
        """Return for each dataset who split it, and the photographs in each part."""
        found: dict[str, dict[str, Any]] = {}
        for name, rows in self.split.groupby("dataset", sort=False):
            counts = rows["part"].value_counts()
            sources = [each for each in (*rows["source"][rows["part"] == TEST], *rows["source"]) if each]
            found[str(name)] = {"source": sources[0] if sources else ""}
            found[str(name)] |= {part: int(counts.get(part, 0)) for part in (TRAIN, VALIDATION, TEST)}
        return found


@dataclass(frozen=True)
class FrozenSplit:
    """The split of a run, to be used again: its id, its split.csv and its dropped.csv as tables of text."""

    run: str
    split: pd.DataFrame
    dropped: pd.DataFrame

    @classmethod
    def read(cls, run: str, split: Path, dropped: Path) -> FrozenSplit:
        """Read it from a run's split.csv and dropped.csv."""
        return cls(run, *(pd.read_csv(file, dtype=str, keep_default_na=False) for file in (split, dropped)))

    def groups_of(self, dataset: str, cases: pd.Series[Any], new: npt.NDArray[np.str_]) -> npt.NDArray[np.object_]:
        """Return the group of each case as the run has it, (n,), or its ``new`` one where the run has none.

        What looked alike is not looked for again, so a group that looks have joined is known by the run alone.
        """
        ours = self.split[self.split["dataset"] == dataset]
        known = ours.set_index("case_id")["group"].to_dict() if "group" in ours else {}
        return np.array([known.get(str(case)) or group for case, group in zip(cases, new, strict=True)], dtype=object)


def assemble(plan: Plan, ingested: dict[str, Ingested], ledgers: Ledgers, frozen: FrozenSplit | None = None) -> RunData:
    """Split every dataset, or take the ``frozen`` split, and gather what each stage trains on.

    A photograph whose file is among the target's test photographs, or that looks like one of them, is taken out of
    every training and validation part; so is one that is, or looks like, any dataset's validation photograph, out of
    every training part.  What is left is looked at once more.  ``ledgers`` are read and told, not written.  Raises
    DermError where parts have a patient, a lesion, a file or looks in common, or where a class of a stage is left
    without a photograph to train on.
    """
    frames = {name: each.records.frame.assign(dataset=name) for name, each in ingested.items()}
    begins = np.cumsum([0, *(len(frame) for frame in frames.values())])
    everything = pd.concat([frame[["dataset", "case_id", "sha256"]] for frame in frames.values()], ignore_index=True)
    alike = NO_PAIRS if frozen else _alike(frames)
    records = {name: each.records for name, each in ingested.items()}
    if frozen:
        splits = {name: replay_split(each, frozen.split, frozen.dropped, frozen.run) for name, each in records.items()}
    else:
        inside = {name: _inside(alike, begins[place], begins[place + 1]) for place, name in enumerate(frames)}
        splits = split_all(records, plan, ledgers, inside)
    everything["part"] = np.concatenate([each.parts for each in splits.values()])
    reasons = np.concatenate([each.reasons for each in splits.values()])
    _keep_back(everything, alike, plan.target, reasons)

    dropped = [each.records.dropped for each in ingested.values()]
    secret = salt()
    for place, (name, frame) in enumerate(frames.items()):
        told = reasons[begins[place] : begins[place + 1]]
        split = splits[name]
        group: npt.NDArray[Any] = hashes_of(frame, split.groups, name, secret)
        if frozen:
            group = frozen.groups_of(name, frame["case_id"], group)
        whole = frame.assign(part=split.parts, source=split.sources, group=group)
        dropped.append(_dropped(whole[told != ""], told[told != ""]))
        frames[name] = whole[told == ""]

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
    test, kept = (_of_target(plan, ingested, frames, part) for part in (TEST, VALIDATION))
    validation = kept if len(kept.labels) else None
    split_ = pd.concat(frames.values(), ignore_index=True)[list(SPLIT_COLUMNS)]
    lessons = RunData(
        tuple(stages), tuple(validations), validation, test, split_, pd.concat(dropped, ignore_index=True)
    )
    _refuse_leaks(lessons, pairs_of(everything, alike))
    return lessons


def _alike(frames: dict[str, pd.DataFrame]) -> Pairs:
    """Return the pairs of rows that look alike, of all datasets one after another."""
    looks = [each for frame in frames.values() for each in frame.get("fingerprint", pd.Series([""] * len(frame)))]
    return near_duplicates(looks)


def _inside(alike: Pairs, begin: int, end: int) -> Pairs:
    """Return the pairs between rows from ``begin`` to before ``end``, counted from there."""
    return np.asarray(alike[((alike >= begin) & (alike < end)).all(axis=1)] - begin)


def _keep_back(everything: pd.DataFrame, alike: Pairs, target: str, reasons: npt.NDArray[np.object_]) -> None:
    """Tell in ``reasons`` what leaves a part, because it is or looks like what another dataset keeps back."""
    parts, owners, cases = (everything[name].to_numpy(dtype=object) for name in ("part", "dataset", "case_id"))
    both = np.concatenate([alike, alike[:, ::-1]])
    for part, owner, others in (
        (TEST, target, (TRAIN, VALIDATION)),
        *((VALIDATION, name, (TRAIN,)) for name in everything["dataset"].unique()),
    ):
        kept = (owners == owner) & (parts == part) & (reasons == "")
        open_ = np.isin(parts, others) & (reasons == "")
        contents = dict(zip(everything["sha256"][kept], cases[kept], strict=True))
        among = f"is among the {part} photographs of '{owner}'"
        for row in np.flatnonzero(open_ & everything["sha256"].isin(contents).to_numpy()):
            reasons[row] = f"the same file {among}: '{contents[everything['sha256'][row]]}'"
        for one, other in both[kept[both[:, 0]] & open_[both[:, 1]]]:
            reasons[other] = reasons[other] or f"a photograph that looks the same {among}: '{cases[one]}'"


def _refuse_leaks(lessons: RunData, alike: pd.DataFrame) -> None:
    """Look at what is trained on, validated on and tested on in the end, whatever put it there."""
    parts = [(TRAIN, each) for each in lessons.stages] + [(VALIDATION, each) for each in lessons.validations if each]
    cases = pd.concat(
        [each.cases.reindex(columns=list(COLUMNS)).assign(part=part) for part, each in [*parts, (TEST, lessons.test)]],
        ignore_index=True,
    ).drop_duplicates(["dataset", "case_id", "part"])
    leaks = leaks_in(cases, alike)
    if leaks:
        raise DermError(
            f"The split leaks: {some(leaks)}. Nothing is trained; take such photographs out, or begin another split "
            "with another --seed."
        )


def _validation(
    plan: Plan, stage: Stage, ingested: dict[str, Ingested], frames: dict[str, pd.DataFrame]
) -> Samples | None:
    if not plan.validation_share:
        return None
    found, _ = _part(plan, stage, ingested, frames, VALIDATION)
    if len(found.labels):
        return found
    for phase in stage.phases:
        if phase.options.validates:
            raise DermError(
                f"Stage '{stage.name}' has no photograph to be validated on at --validation-share "
                f"'{plan.validation_share}', but its phase '{phase.name}' stops early or keeps its best epoch: give a "
                "larger share."
            )
    return None


def _of_target(plan: Plan, ingested: dict[str, Ingested], frames: dict[str, pd.DataFrame], part: str) -> Samples:
    """Return a part of the target, by its own labels."""
    cases = frames[plan.target][frames[plan.target]["part"] == part]
    labels = _places(cases["label"], [each.name for each in plan.classes])
    return Samples(_photographs([(ingested[plan.target], cases)]), labels, cases)


def _part(
    plan: Plan, stage: Stage, ingested: dict[str, Ingested], frames: dict[str, pd.DataFrame], part: str
) -> tuple[Samples, pd.DataFrame]:
    """Return a part of a stage's datasets, and what of it no class of the stage covers."""
    classes = [each.name for each in stage.classes]
    chosen, unmatched = [], []
    for name in stage.datasets:
        frame = frames[name].assign(place=stage_labels(ingested[name].records, stage, plan))
        inside = frame[frame["part"] == part]
        outside = ~inside["place"].isin(classes)
        unmatched.append(_dropped(inside[outside], f"no class of stage '{stage.name}' covers its diagnosis"))
        chosen.append((ingested[name], inside[~outside]))
    cases = pd.concat([rows for _, rows in chosen], ignore_index=True)
    labels = _places(cases["place"], classes)
    return Samples(_photographs(chosen), labels, cases), pd.concat(unmatched, ignore_index=True)


def _photographs(chosen: list[tuple[Ingested, pd.DataFrame]]) -> Photographs:
    return Photographs(tuple((each.photographs, rows["row"].to_numpy(dtype=np.intp)) for each, rows in chosen))


def _places(labels: pd.Series[str], classes: list[str]) -> npt.NDArray[np.int32]:
    places = {name: place for place, name in enumerate(classes)}
    return np.array([places[label] for label in labels], dtype=np.int32)


def _dropped(frame: pd.DataFrame, reason: str | npt.NDArray[np.object_]) -> pd.DataFrame:
    return frame[["dataset", "case_id", "file", "label"]].assign(reason=reason)[list(DROPPED)]
