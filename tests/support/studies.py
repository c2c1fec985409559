"""Studies made by hand: options without a command line, and finished trainings that nobody trained."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from derm_cli.evaluation.predictions import Predictions
from derm_cli.files import sha256_of, write_text
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import Runs
from derm_cli.studies.asking.spec import StudyRow, StudyRun, StudySpec
from derm_cli.studies.storage.folder import Studies, StudyFolder
from derm_cli.studies.storage.record import FINISHED, RunState, StudyRecord
from derm_cli.workflows.training.request import TrainRequest
from tests.support.member_runs import make_member
from tests.support.run_folders import PLAN, REQUEST

DEFAULTS: dict[str, Any] = {
    "backbone": "large",
    "chain": "",
    "recipe": "strong",
    "epochs": 3,
    "size": None,
    "phase": [],
    "baselines": True,
    "head-rate": 1e-4,
    "target": None,
    "strategy": "sequential",
}


class MadeOptions:
    """Options as ``derm train`` has them, read as they are."""

    names = (*DEFAULTS, "seed", "split-seed", "folds", "fold", "resume", "no-store")
    repeated = ("phase",)

    def checked(self, name: str, value: object) -> Any:
        wanted = {"epochs": int, "size": int, "phase": list, "baselines": bool, "head-rate": float}.get(name, str)
        if wanted is int and isinstance(value, str) and value.isdigit():
            return int(value)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise ValueError(f"must be {wanted.__name__}")
        return value

    def default(self, name: str, beside: Mapping[str, Any]) -> Any:
        return 1 if name == "epochs" and beside.get("recipe") == "paper" else DEFAULTS[name]

    def request(self, options: Mapping[str, Any]) -> TrainRequest:
        known = {**DEFAULTS, **options}
        chain = tuple(filter(None, known["chain"].split(",")))
        named = {"backbone": known["backbone"], "epochs": known["epochs"], "recipe": known["recipe"]}
        named["head_rate"] = known["head-rate"]
        named |= {name.replace("-", "_"): known[name] for name in ("seed", "split-seed") if name in known}
        return TrainRequest.from_options(chain=chain, target=known["target"], strategy=known["strategy"], **named)


def made_session(root: Path) -> Any:
    """Return a session that has runs alone."""
    return SimpleNamespace(runs=Runs(root / "runs"))


def table_text(answers: Mapping[str, tuple[str, float]]) -> str:
    """Return a predictions table of ``answers``: the label of each case, and the probability of melanoma."""
    rows = [
        f"{case},{label},{'MEL' if share >= 0.5 else 'NEV'},p{case},{share},{1 - share}"
        for case, (label, share) in answers.items()
    ]
    return "\n".join(["case_id,label,prediction,patient,p_MEL,p_NEV", *rows]) + "\n"


def twenty_answers(wrong: int) -> dict[str, tuple[str, float]]:
    """Return answers to the cases 0 to 19, each second a melanoma, of which the first ``wrong`` are wrong."""
    labels = {f"{number}": "MEL" if number % 2 else "NEV" for number in range(20)}
    return {case: (label, 0.8 if (label == "MEL") == (int(case) >= wrong) else 0.2) for case, label in labels.items()}


def made_predictions(answers: Mapping[str, tuple[str, float]]) -> Predictions:
    """Return the predictions table of ``answers``, as :func:`table_text` has them."""
    shares = np.array([share for _, share in answers.values()])
    return Predictions(
        ("MEL", "NEV"),
        tuple(answers),
        np.array([label for label, _ in answers.values()]),
        np.where(shares >= 0.5, "MEL", "NEV"),
        np.stack([shares, 1 - shares], axis=1),
    )


def made_study(
    session: Any,
    rows: Sequence[StudyRow],
    answers: Mapping[tuple[str, int, int], Mapping[str, tuple[str, float]]],
    validated: Mapping[tuple[str, int, int], Mapping[str, tuple[str, float]]] | None = None,
    *,
    seeds: tuple[int, ...] = (0,),
    folds: int = 0,
    name: str = "made",
    has_splits_of_seeds: bool = False,
    **record: Any,
) -> StudyFolder:
    """Write a study whose trainings, by row, seed and fold, gave ``answers``; those without any did not finish.

    Its seeds have one split, but with ``has_splits_of_seeds`` each its own, as an earlier derm gave it.
    """
    spec = StudySpec(name, tuple(rows), seeds=seeds, folds=folds)
    runs, states = [], {}
    for row in spec.in_order():
        for seed, fold in spec.runs_of_row:
            split_seed = seed if has_splits_of_seeds else seeds[0]
            splitting = replace(REQUEST.splitting, folds=folds, fold=fold, split_seed=split_seed)
            run = StudyRun(row.name, seed, fold, replace(REQUEST, seed=seed, splitting=splitting), len(runs) + 1)
            runs.append(run)
            given = answers.get((row.name, seed, fold))
            if given is None:
                states[run.key] = RunState("failed", reason="no more memory.")
                continue
            plan = replace(PLAN, seed=seed, folds=folds, fold=fold, split_seed=split_seed)
            values = {
                "started": "2026-11-28T08:00:00+00:00",
                "ended": "2026-11-28T08:05:00+00:00",
                "seconds_training": 120.0,
                "environment": {"machine": "made cores"},
                **record,
            }
            made = make_member(session.runs.root, f"{name}-{run.key}", plan, tested="ef", **values)
            texts = {layout.PREDICTIONS: table_text(given)}
            if validated and (row.name, seed, fold) in validated:
                texts[layout.VALIDATION] = table_text(validated[row.name, seed, fold])
            for file, text in texts.items():
                write_text(made / file, text)
            made.seal(*texts)
            states[run.key] = RunState(FINISHED, made.id, seconds=60.0)
    folder = Studies(session.runs.root).begin(StudyRecord(spec, tuple(runs), "local", 1, 1))
    folder.write_states(states)
    return folder


def states_of(folder: StudyFolder) -> dict[str, Any]:
    """Return the states of a study as they are stored."""
    values: dict[str, Any] = json.loads((folder.path / "state.json").read_text())
    return values


def keep_latency(run: RunFolder, file: str, *measurements: Mapping[str, Any]) -> None:
    """Write an artefact of a made run, and what ``derm benchmark`` would keep beside it."""
    (run / file).parent.mkdir(exist_ok=True)
    (run / file).write_bytes(run.id.encode())
    run.seal(file)
    known = {"runtime": "onnxruntime", "threads": 1, "machine": "a machine", "median": 0.01}
    content = {"format": 1, "sha256": sha256_of(run / file), "measurements": [known | each for each in measurements]}
    write_text(run / f"{file}.latency.json", json.dumps(content))
