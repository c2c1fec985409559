"""External evaluation: a finished run on datasets it was not trained for (``derm evaluate RUN --data NAME``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.console import warn
from derm_cli.csv_cells import read_frame
from derm_cli.data.answers import encode_cases, known_answers
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
from derm_cli.evaluation.answers_value import BOTH, PHOTOGRAPH, value_of_answers
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.tables.table import Row, Table
from derm_cli.plugin import Predictor
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished
from derm_cli.taxonomy import covering_class
from derm_cli.workflows.evaluating.run_evaluation import (
    GROUP_COLUMN,
    JudgementOptions,
    is_synthetic,
    judge_predictions,
    predictions_of_samples,
    validation_predictions,
)
from derm_cli.workflows.output_files import check_work_folders
from derm_cli.workflows.predicting.predict import predictor_probabilities
from derm_cli.workflows.preprocessing_steps import with_steps
from derm_cli.workflows.session import Session
from derm_cli.workflows.vectors import vectors_of_model

CLASS_COLUMN = "class_of_run"
"""The column with the class of the run that a photograph belongs to, empty where none covers its diagnosis."""


@dataclass(frozen=True)
class ExternalDataset:
    """How one external dataset's photographs map to the classes of the run, and how many are left out.

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
        sentences = []
        if self.unmapped:
            by_label = ", ".join(f"{label} {count}" for label, count in self.unmapped.items())
            sentences.append(
                f"Of '{self.dataset}' no class of the run covers {sum(self.unmapped.values())}: {by_label}."
            )
        if self.seen:
            sentences.append(
                f"Of '{self.dataset}' {self.seen} are left out, for the run was trained on them or chose by them."
            )
        if self.dropped:
            sentences.append(f"Of '{self.dataset}' {self.dropped} cannot be used: 'derm data check' says why.")
        return tuple(sentences)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        mapped = [{"label": label, "class": name, "cases": count} for (label, name), count in self.mapped.items()]
        return {"mapped": mapped, "unmapped": self.unmapped, "seen": self.seen, "dropped": self.dropped}


@dataclass(frozen=True)
class ExternalEvaluation:
    """A judgement on external datasets, and how the photographs of each map to the classes of the run.

    ``photographs`` are the pixels that were judged, in the order of ``predictions``; these are with all answers that
    the datasets have, ``without_answers`` by the photographs alone, and ``answers`` JSON values of the difference, None
    for a model that takes none.
    """

    judgement: Judgement
    predictions: Predictions
    photographs: Photographs
    synthetic: bool
    datasets: tuple[ExternalDataset, ...]
    without_answers: Predictions
    answers: dict[str, Any] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what was left out, and on answers that are not known."""
        unknown = (self.answers or {}).get("unknown", ())
        said = [f"Of these photographs no answer is known to: {', '.join(unknown)}."] if unknown else []
        return (*(note for each in self.datasets for note in each.notes), *said)

    def mapping_table(self) -> Table:
        """Return a row for each label and the class that it was judged as."""
        rows: list[Row] = []
        for each in self.datasets:
            rows += [(each.dataset, label, name, count) for (label, name), count in each.mapped.items()]
            rows += [(each.dataset, label, "no class covers it", count) for label, count in each.unmapped.items()]
            left_out = {"the run was trained on it": each.seen, "it cannot be used": each.dropped}
            rows += [(each.dataset, "", reason, count) for reason, count in left_out.items() if count]
        header = ("dataset", "its label", "judged as", "photographs")
        return Table("mapping", "Label mapping: what its photographs were judged as", header, tuple(rows), keys=3)


def evaluate_external(
    session: Session,
    run: RunFolder,
    datasets: Sequence[str],
    predictor: Predictor,
    options: JudgementOptions,
    *,
    features: Path | None = None,
) -> ExternalEvaluation:
    """Predict every photograph of ``datasets`` with a finished run's model, or an artefact of it, and judge that.

    A photograph belongs to the class of the run that covers its diagnosis; of the run's own target, to its own label.
    Thresholds are those of the run's validation part; ``features`` is the file of vectors that its model reads.  Raises
    RequestError where a dataset is named twice, and DermError where no photograph of one is left.
    """
    require_finished(run)
    check_work_folders(session, "cache")
    for name in datasets:
        if list(datasets).count(name) > 1:
            raise RequestError(f"Dataset '{name}' is named twice: name datasets that differ.")
    _check_folders(session, datasets)
    plan, synthetic = run.plan, is_synthetic(run)
    vectors = vectors_of_model(session, predictor.facts, features)
    preprocessing = with_steps(session.registry, plan.preprocessing, f"The model of run '{run.id}'")
    parts, frames, mappings = [], [], []
    for name in datasets:
        located = locate(name, session.settings, session.registry)
        ingested = ingest(read_records(located), preprocessing, session.settings.cache_folder, vectors)
        frame, mapping = _map_to_classes(run, name, ingested)
        parts.append((ingested.photographs, frame["row"].to_numpy(dtype=np.intp)))
        frames.append(frame if len(datasets) == 1 else frame.assign(case_id=name + ":" + frame["case_id"].astype(str)))
        mappings.append(mapping)
        synthetic = synthetic or located.spec.synthetic
    cases, photographs = pd.concat(frames, ignore_index=True), Photographs(tuple(parts))
    _warn_of_copies(cases)
    class_indices = {each.name: index for index, each in enumerate(plan.classes)}
    labels = np.array([class_indices[name] for name in cases[CLASS_COLUMN]], dtype=np.int32)
    predicted = predictor_probabilities(predictor, photographs, f"Predicting {', '.join(datasets)}")
    samples = Samples(photographs, labels, cases)
    without = test = predictions_of_samples(plan.classes, samples, predicted)
    answers: dict[str, Any] | None = None
    encoding = predictor.facts.answers
    if encoding is not None:
        known = {name for name, each in known_answers(encoding, cases).items() if {*each} - {None}}
        answers = {"unknown": [name for name in encoding.names if name not in known]}
        if known:
            encoded = encode_cases(encoding, cases)
            predicted = predictor_probabilities(predictor, photographs, "Predicting with answers", encoded)
            test = predictions_of_samples(plan.classes, samples, predicted)
            answers |= value_of_answers({BOTH: test, PHOTOGRAPH: without}, options.draws)
    judgement = judge_predictions(plan.classes, test, validation_predictions(run), options)
    return ExternalEvaluation(judgement, test, photographs, synthetic, tuple(mappings), without, answers)


def _check_folders(session: Session, names: Sequence[str]) -> None:
    """Raise RequestError where two names are of one folder: each photograph would count twice."""
    roots: dict[Path, str] = {}
    for name in names:
        root = locate(name, session.settings, session.registry).root.resolve()
        if root in roots:
            raise RequestError(f"Datasets '{roots[root]}' and '{name}' are both in '{root}': name one of them.")
        roots[root] = name


def _warn_of_copies(cases: pd.DataFrame) -> None:
    """Warn of photographs that several datasets have: they count once for each."""
    datasets = cases.groupby("sha256")["dataset"].nunique()
    shared = int((datasets > 1).sum())
    if shared:
        warn(
            f"{shared} photographs are in several of the datasets and count in each: evaluate the datasets one by one."
        )


def _map_to_classes(run: RunFolder, name: str, ingested: Ingested) -> tuple[pd.DataFrame, ExternalDataset]:
    """Return the cases of a dataset that are judged, and the counts of all."""
    plan, frame = run.plan, ingested.records.frame
    class_names = [each.name for each in plan.classes]
    if name == plan.target:
        classes = frame["label"].astype(object)
    else:
        diagnoses = frame["diagnosis"].fillna("")
        covering = {each: covering_class(plan.classes, each) for each in diagnoses.unique()}
        classes = diagnoses.map(covering).astype(object)
    classes = classes.where(classes.isin(class_names), "")
    groups = group_numbers(frame, near_duplicates(frame["fingerprint"].tolist()))
    frame = frame.assign(dataset=name)
    frame[CLASS_COLUMN], frame[GROUP_COLUMN] = classes, group_hashes(frame, groups, name, salt())
    seen = _seen_in_training(run, name, frame, groups)
    judged, uncovered = frame[~seen & (classes != "")], frame[~seen & (classes == "")]
    mapping = ExternalDataset(
        name,
        dict(Counter(zip(judged["label"].astype(str), judged[CLASS_COLUMN].astype(str), strict=True))),
        {str(label): int(count) for label, count in uncovered["label"].value_counts().items()},
        int(seen.sum()),
        len(ingested.records.dropped),
    )
    if not len(judged):
        raise DermError(
            f"No photograph of '{name}' is left to judge run '{run.id}' by: {mapping.seen} of {len(frame)} were "
            f"trained on, and {len(uncovered)} fall into none of its classes ({', '.join(class_names)})."
        )
    return judged, mapping


def _seen_in_training(run: RunFolder, name: str, frame: pd.DataFrame, groups: npt.NDArray[np.intp]) -> pd.Series[bool]:
    """Tell of each record whether the run was trained on it, or chose epochs and thresholds by it.

    With a record of the same content, all are that belong to its group: of the same patient, or that look the same.
    """
    split = read_frame(run.sealed(layout.SPLIT))
    used = split[split["part"].isin([TRAIN, VALIDATION])]
    # A group's hash is known even where the record itself is no longer there, but only where the salt is the same.
    direct = frame["sha256"].isin(used["sha256"]) | frame[GROUP_COLUMN].isin(
        used.loc[used["dataset"] == name, GROUP_COLUMN]
    )
    return pd.Series(np.isin(groups, groups[direct.to_numpy()]), index=frame.index)
