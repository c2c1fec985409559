"""Judging a finished model on datasets that it was not made for: ``derm evaluate RUN --data NAME``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.duplicates import near_duplicates
from derm_cli.data.ingesting import Ingested, ingest
from derm_cli.data.locating import locate
from derm_cli.data.photographs import Photographs
from derm_cli.data.records import read_records
from derm_cli.data.samples import Samples
from derm_cli.data.splitting import TRAIN, VALIDATION
from derm_cli.data.splitting.grouping import group_hashes, group_numbers
from derm_cli.data.splitting.salt import salt
from derm_cli.errors import DermError, RequestError
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.tables.table import Row, Table
from derm_cli.plugin import Predictor
from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished
from derm_cli.taxonomy import covering_class
from derm_cli.workflows.evaluating.predicted import GROUP, JudgementOptions, judge_classes, predictions_of
from derm_cli.workflows.evaluating.run_evaluation import predictions_of_run
from derm_cli.workflows.predicting.predict import probabilities
from derm_cli.workflows.session import Session

PLACE = "place"
"""The column with the class of the run that a photograph belongs to, empty where none covers its diagnosis."""


@dataclass(frozen=True)
class Elsewhere:
    """What became of one dataset's photographs.

    ``mapped`` counts those that are judged, by their own label and the class of the run they are judged as;
    ``unmapped``, by their own label, those that no class of the run covers.  ``seen`` are left out, for the run was
    trained on them or chose by them, or by others of their patient or that look the same; ``dropped`` cannot be used.
    """

    dataset: str
    mapped: dict[tuple[str, str], int]
    unmapped: dict[str, int]
    seen: int
    dropped: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what was left out."""
        said = []
        if self.unmapped:
            by_label = ", ".join(f"{label} {count}" for label, count in self.unmapped.items())
            said.append(f"Of '{self.dataset}' no class of the run covers {sum(self.unmapped.values())}: {by_label}.")
        if self.seen:
            said.append(
                f"Of '{self.dataset}' {self.seen} are left out, for the run was trained on them or chose by them."
            )
        if self.dropped:
            said.append(f"Of '{self.dataset}' {self.dropped} cannot be used: 'derm data check' says why.")
        return tuple(said)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        mapped = [{"label": label, "class": place, "cases": count} for (label, place), count in self.mapped.items()]
        return {"mapped": mapped, "unmapped": self.unmapped, "seen": self.seen, "dropped": self.dropped}


@dataclass(frozen=True)
class External:
    """A judgement on other datasets, and what became of each one's photographs.

    ``photographs`` are the pixels that were judged, in the order of ``predictions``.
    """

    judgement: Judgement
    predictions: Predictions
    photographs: Photographs
    made: bool
    datasets: tuple[Elsewhere, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what was left out."""
        return tuple(note for each in self.datasets for note in each.notes)

    def sheet(self) -> Table:
        """Return a row for each label and what it was judged as."""
        rows: list[Row] = []
        for each in self.datasets:
            rows += [(each.dataset, label, place, count) for (label, place), count in each.mapped.items()]
            rows += [(each.dataset, label, "no class covers it", count) for label, count in each.unmapped.items()]
            rest = {"the run was trained on it": each.seen, "it cannot be used": each.dropped}
            rows += [(each.dataset, "", why, count) for why, count in rest.items() if count]
        header = ("dataset", "its label", "judged as", "photographs")
        return Table("mapping", "What its photographs were judged as", header, tuple(rows), keys=3)


def judge_elsewhere(
    session: Session, run: RunFolder, datasets: Sequence[str], predictor: Predictor, how: JudgementOptions
) -> External:
    """Ask a finished run's model, or an artefact of it, about every photograph of ``datasets``; judge it by diagnoses.

    A photograph belongs to the class of the run that covers its diagnosis; of the run's own target, to its own label.
    Thresholds are those of the run's validation part.  Raises RequestError where a dataset is named twice, and
    DermError where no photograph of one is left.
    """
    require_finished(run)
    for name in datasets:
        if list(datasets).count(name) > 1:
            raise RequestError(f"Dataset '{name}' is named twice: name datasets that differ.")
    plan, made = run.plan, bool(run.record.get("synthetic"))
    taken, judged, told = [], [], []
    for name in datasets:
        located = locate(name, session.settings, session.registry)
        ingested = ingest(read_records(located), plan.preprocessing, session.settings.cache_folder)
        frame, elsewhere = _divided(run, name, ingested)
        taken.append((ingested.photographs, frame["row"].to_numpy(dtype=np.intp)))
        judged.append(frame if len(datasets) == 1 else frame.assign(case_id=name + ":" + frame["case_id"].astype(str)))
        told.append(elsewhere)
        made = made or located.spec.made
    cases, photographs = pd.concat(judged, ignore_index=True), Photographs(tuple(taken))
    places = {each.name: place for place, each in enumerate(plan.classes)}
    part = Samples(photographs, np.array([places[each] for each in cases[PLACE]], dtype=np.int32), cases)
    found = probabilities(predictor, photographs, f"Predicting {', '.join(datasets)}")
    test = predictions_of(plan.classes, part, found)
    _, validation = predictions_of_run(run)
    judgement = judge_classes(plan.classes, test, validation, how)
    return External(judgement, test, photographs, made, tuple(told))


def _divided(run: RunFolder, name: str, ingested: Ingested) -> tuple[pd.DataFrame, Elsewhere]:
    """Return the cases of a dataset that are judged, and what became of all."""
    plan, frame = run.plan, ingested.records.frame
    classes = [each.name for each in plan.classes]
    if name == plan.target:
        place = frame["label"].astype(object)
    else:
        diagnoses = frame["diagnosis"].fillna("")
        place = diagnoses.map({each: covering_class(plan.classes, each) for each in diagnoses.unique()}).astype(object)
    place = place.where(place.isin(classes), "")
    groups = group_numbers(frame, near_duplicates(frame["fingerprint"].tolist()))
    frame = frame.assign(dataset=name)
    frame[PLACE], frame[GROUP] = place, group_hashes(frame, groups, name, salt())
    seen = _seen(run, name, frame, groups)
    ours, others = frame[~seen & (place != "")], frame[~seen & (place == "")]
    elsewhere = Elsewhere(
        name,
        dict(Counter(zip(ours["label"].astype(str), ours[PLACE].astype(str), strict=True))),
        {str(label): int(count) for label, count in others["label"].value_counts().items()},
        int(seen.sum()),
        len(ingested.records.dropped),
    )
    if not len(ours):
        raise DermError(
            f"No photograph of '{name}' is left to judge run '{run.id}' by: {elsewhere.seen} of {len(frame)} were "
            f"trained on, and {len(others)} fall into none of its classes ({', '.join(classes)})."
        )
    return ours, elsewhere


def _seen(run: RunFolder, name: str, frame: pd.DataFrame, groups: npt.NDArray[np.intp]) -> pd.Series[bool]:
    """Tell of each record whether the run was trained on it, or chose epochs and thresholds by it.

    With a record of the same content, all are that belong to its group: of the same patient, or that look the same.
    """
    split = pd.read_csv(run.sealed(names.SPLIT), dtype=str, keep_default_na=False)
    used = split[split["part"].isin([TRAIN, VALIDATION])]
    # A group's hash is known even where the record itself is no longer there, but only where the salt is the same.
    known = frame["sha256"].isin(used["sha256"]) | frame[GROUP].isin(used.loc[used["dataset"] == name, GROUP])
    return pd.Series(np.isin(groups, groups[known.to_numpy()]), index=frame.index)
