"""Judging a finished model on a dataset that it was not made for: ``derm evaluate RUN --data NAME``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from derm_cli.data.locating import locate
from derm_cli.data.photographs import Photographs
from derm_cli.data.records import read_records
from derm_cli.data.splitting import TRAIN, VALIDATION
from derm_cli.errors import DermError
from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import DRAWS
from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.shelf import require_finished
from derm_cli.taxonomy import covering_class
from derm_cli.workflows.data.ingesting import ingest
from derm_cli.workflows.evaluating.evaluate import predictions_of_run
from derm_cli.workflows.evaluating.predicted import predictions_of, severities_of
from derm_cli.workflows.predicting.predict import load, probabilities
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.lessons import Part


@dataclass(frozen=True)
class External:
    """A judgement on another dataset: ``unmapped`` counts, by its own label, the cases that no class of the run covers.

    ``seen`` are the cases that the run was trained on or chose by, which are left out; ``dropped`` those that cannot be
    read or used.  ``photographs`` are the pixels that were judged, in the order of ``predictions``.
    """

    judgement: Judgement
    predictions: Predictions
    photographs: Photographs
    made: bool
    unmapped: dict[str, int]
    seen: int
    dropped: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what was left out."""
        said = []
        if self.unmapped:
            by_label = ", ".join(f"{label} {count}" for label, count in self.unmapped.items())
            said.append(f"{sum(self.unmapped.values())} photographs fall into no class of the run: {by_label}.")
        if self.seen:
            said.append(f"{self.seen} photographs are left out, for the run was trained on them or chose by them.")
        if self.dropped:
            said.append(f"{self.dropped} photographs cannot be used: 'derm data check' says why.")
        return tuple(said)

    def to_json(self) -> dict[str, Any]:
        """Return the judgement as JSON values, and what was left out."""
        left_out = {"unmapped": self.unmapped, "seen": self.seen, "dropped": self.dropped}
        return self.judgement.to_json() | {"synthetic": self.made, "left_out": left_out}


def judge_elsewhere(session: Session, run: RunFolder, name: str, draws: int = DRAWS, seed: int = 0) -> External:
    """Ask a finished run about every photograph of dataset ``name``, and judge it by the diagnoses.

    A photograph belongs to the class of the run that covers its diagnosis; of the run's own target, to its own label.
    Thresholds are those of the run's validation part.  Raises DermError where no photograph is left.
    """
    require_finished(run)
    plan = run.plan
    located = locate(name, session.settings, session.registry)
    ingested = ingest(read_records(located), plan.preprocessing, session.settings.cache_folder)
    frame = ingested.records.frame
    known = set(_contents_seen(run))
    seen = frame["sha256"].isin(known)
    classes = [each.name for each in plan.classes]
    if name == plan.target:
        labels = frame["label"].astype(object)
    else:
        covering = {place: covering_class(plan.classes, place) for place in frame["diagnosis"].fillna("").unique()}
        labels = frame["diagnosis"].fillna("").map(covering).astype(object)
    mapped = labels.isin(classes)
    unmapped = frame.loc[~mapped & ~seen, "label"].value_counts().to_dict()
    judged = frame[mapped & ~seen].assign(dataset=name)
    if not len(judged):
        raise DermError(
            f"No photograph of '{name}' is left to judge run '{run.id}' by: {int(seen.sum())} of {len(frame)} were "
            f"trained on, and {sum(unmapped.values())} fall into none of its classes ({', '.join(classes)})."
        )
    places = {label: place for place, label in enumerate(classes)}
    part = Part(
        Photographs(((ingested.photographs, judged["row"].to_numpy(dtype=np.intp)),)),
        np.array([places[label] for label in labels[judged.index]], dtype=np.int32),
        judged,
    )
    found = probabilities(load(session, str(run.path)), part.photographs, f"Predicting {name}")
    test = predictions_of(plan.classes, part, found)
    _, validation = predictions_of_run(run)
    return External(
        judge(test, severities_of(plan.classes), validation, draws, seed),
        test,
        part.photographs,
        located.spec.made or bool(run.record.get("synthetic")),
        {str(label): int(count) for label, count in unmapped.items()},
        int(seen.sum()),
        len(ingested.records.dropped),
    )


def _contents_seen(run: RunFolder) -> list[str]:
    """Return the SHA-256 of every photograph that the run was trained on, or chose epochs and thresholds by."""
    split = pd.read_csv(run.sealed(names.SPLIT), dtype=str, keep_default_na=False)
    return list(split.loc[split["part"].isin([TRAIN, VALIDATION]), "sha256"])
