"""How long it takes to plan a study of many rows, and to report on it: nothing is trained, runs are made by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.paper_sets import write_sets
from benchmarks.report import Report, Table
from derm_cli.config import load
from derm_cli.evaluation.predictions import Predictions, write_predictions
from derm_cli.files import write_text
from derm_cli.plan import Phase, Plan, Preprocessing, Stage
from derm_cli.plugin import LesionClass
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import FINISHED, RunRecord
from derm_cli.studies.asking.spec import StudyRow, StudyRun, StudySpec
from derm_cli.studies.planning.study_plan import plan_study
from derm_cli.studies.reporting.study_report import report_study
from derm_cli.studies.storage.folder import Studies, StudyFolder
from derm_cli.studies.storage.record import RunState, StudyRecord
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest

ROUNDS = 3
PLAN_LIMIT, REPORT_LIMIT = 5.0, 60.0
"""Seconds in which a study of 500 rows must be planned, and its report of 1,000 cases a row be made, on two cores."""
SETS = ("edra", "dermofit", "dermai")
CHAINS = (SETS[2:], ("imagenet", *SETS[2:]), ("imagenet", "edra", "dermai"), ("imagenet", *SETS))


@dataclass(frozen=True)
class Case:
    """So many rows, on so many images of the paper's three sets in all; and so many test cases of so many classes."""

    rows: int = 500
    images: int = 5000
    cases: int = 1000
    classes: int = 8


def measure(folder: Path, rounds: int = ROUNDS, case: Case = Case()) -> Report:
    """Plan and report on studies of synthetic rows, each in a session of its own."""
    write_sets(SETS, folder / "data", case.images, side=8)
    made = _made_study(folder, case)
    seconds: dict[str, list[float]] = {"plan": [], "report": []}
    for _ in range(rounds):
        for name, work in (("plan", _plan), ("report", _report)):
            begun = time.perf_counter()
            work(folder, made, case)
            seconds[name].append(time.perf_counter() - begun)
    rows = [
        ["plan", f"{case.rows} rows on {case.images:,} images", f"{max(seconds['plan']):.1f}", f"{PLAN_LIMIT:g}"],
        ["report", f"{case.rows} rows of {case.cases:,} cases", f"{max(seconds['report']):.1f}", f"{REPORT_LIMIT:g}"],
    ]
    notes = [
        f"SLOW: to {row[0]} took {row[2]} s, more than {row[3]} s." for row in rows if float(row[2]) > float(row[3])
    ]
    table = Table(f"Studies: synthetic rows, the slowest of {rounds} rounds", ["", "of", "s", "at most"], rows)
    return Report([table], notes, {"rounds": rounds, "rows": case.rows, "cases": case.cases, "seconds": seconds})


def _session(folder: Path) -> Session:
    return Session(load({name: str(folder / name) for name in ("data", "runs", "cache")}, {}))


def _requests(case: Case) -> Iterator[tuple[str, TrainRequest]]:
    for number in range(case.rows):
        chain, rate = CHAINS[number % len(CHAINS)], 1e-5 * (1 + number // len(CHAINS))
        request = TrainRequest.from_options(backbone="effnet-lite0", chain=chain, head_rate=rate, baselines=False)
        yield f"{'>'.join(chain)} at {rate:g}", request


def _plan(folder: Path, _: StudyFolder, case: Case) -> None:
    asked = list(_requests(case))
    spec = StudySpec("planned", tuple(StudyRow(name, {}) for name, _ in asked))
    runs = [StudyRun(name, 0, 0, request, number) for number, (name, request) in enumerate(asked, start=1)]
    planned = plan_study(_session(folder), spec, runs)
    assert not any(row.fault for row in planned.rows)


def _report(folder: Path, made: StudyFolder, case: Case) -> None:
    assert len(report_study(_session(folder), made).evaluations) == case.rows


def _made_study(folder: Path, case: Case) -> StudyFolder:
    """Write runs whose answers are drawn, and the study that they are of."""
    generator, runs_folder = np.random.default_rng(0), _session(folder).runs.root
    names = tuple(f"C{index}" for index in range(case.classes))
    classes = tuple(LesionClass(name=name, title=name) for name in names)
    phase = Phase(name="head", blocks=(), epochs=1, head_rate=1e-4, block_rate=1e-5)
    stage = Stage(name="made", datasets=("made",), classes=classes, phases=(phase,))
    plan = Plan(backbone="made", weights=None, target="made", stages=(stage,), preprocessing=Preprocessing(size=32))
    truth = generator.integers(0, case.classes, case.cases)
    patients = np.array([f"p{index // 2}" for index in range(case.cases)])
    spec = StudySpec("made", tuple(StudyRow(f"row {number}", {}) for number in range(case.rows)))
    runs, states = [], {}
    for number, row in enumerate(spec.rows, start=1):
        run = RunFolder(runs_folder / f"made-{number:04d}")
        logits = generator.normal(size=(case.cases, case.classes))
        logits[np.arange(case.cases), truth] += 1.5
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        labels, predicted = np.array(names)[truth], np.array(names)[probabilities.argmax(axis=1)]
        cases = tuple(f"case-{index}" for index in range(case.cases))
        table = Predictions(names, cases, labels, predicted, probabilities, {"patient": patients})
        request = TrainRequest.from_options(backbone="made", chain=("made",), seed=number)
        run.path.mkdir(parents=True)
        write_text(run / layout.PLAN, json.dumps(replace(plan, seed=number).to_json()))
        write_predictions(table, run / layout.PREDICTIONS)
        record = RunRecord(status=FINISHED, request=request.to_json(), seconds_training=1.0)
        run.seal(layout.PLAN, layout.PREDICTIONS, record=record)
        runs.append(StudyRun(row.name, 0, 0, request, number))
        states[runs[-1].key] = RunState(FINISHED, run.id)
    made = Studies(runs_folder).begin(StudyRecord(spec, tuple(runs), "local", 1, 1))
    made.write_states(states)
    return made
