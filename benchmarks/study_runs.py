"""The paper's table IV carried out in several ways: by one and two processes, by Ray, killed, and with nothing shared.

The sets are synthetic images in the layouts and classes of the paper's three: worth shows nothing, time and bits do.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.paper_sets import PAPER_SETS, write_sets
from benchmarks.processes import DERM, environment, run
from benchmarks.report import Report, Table
from derm_cli.runs.layout import PREDICTIONS, RECORD

ROUNDS = 1
STUDY = "paper-table-4"
LOCAL, PLAIN = "local, 1 worker of 1 core", ("--workers", "1", "--cores", "1")
ALONE, TWO = "the same, with nothing shared or stored", "local, 2 workers of 1 core each"
KILLED = "the same, killed with SIGKILL once half of the trainings are finished, and resumed"
WAYS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    LOCAL: (PLAIN, {}),
    ALONE: (PLAIN, {"DERM_CACHE_LIMIT": "0"}),
    KILLED: (PLAIN, {}),
    TWO: (("--workers", "2", "--cores", "1"), {}),
    "ray, 2 processes of 1 core each": (("--executor", "ray", "--workers", "2", "--cores", "1"), {}),
    "local, 1 worker of 2 cores": (("--workers", "1", "--cores", "2"), {}),
}
"""Options and settings by what a way is called.  All but the last have the same cores, so the same bits."""
OTHER_BITS = "local, 1 worker of 2 cores"


@dataclass(frozen=True)
class Case:
    """So many images of the three sets in all, as large as ``size``, and so many folds of the target."""

    images: int = 400
    size: int = 64
    epochs: int = 2
    folds: int = 2
    schedule: str = "linear-probe"
    ways: tuple[str, ...] = tuple(WAYS)

    @property
    def command(self) -> list[str]:
        """The study that is carried out."""
        values = {"backbone": "effnet-lite0", "size": self.size, "epochs": self.epochs, "folds": self.folds}
        sets = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
        return ["study", "run", STUDY, *sets, "--set", "baselines=false", "--set", f"schedule={self.schedule}"]


LONG = Case(images=300, size=96, epochs=1, schedule="frozen-block", ways=(LOCAL, ALONE, TWO, OTHER_BITS))
CASES = (Case(), LONG)
"""One whose stages take seconds, in every way, and one whose stages take minutes: what sharing is for."""


def measure(folder: Path, rounds: int = ROUNDS, cases: tuple[Case, ...] = CASES) -> Report:
    """Carry the study out in each way, each with its own cache and runs, and hold the bits of its answers equal."""
    reports = [_of_case(folder / f"case-{number}", rounds, case) for number, case in enumerate(cases)]
    return Report(
        [table for each in reports for table in each.tables],
        [note for each in reports for note in each.notes],
        {"cases": [each.results for each in reports]},
    )


def _of_case(folder: Path, rounds: int, case: Case) -> Report:
    images = write_sets(list(PAPER_SETS), folder / "data", case.images, side=96)
    seconds: dict[str, list[float]] = {name: [] for name in case.ways}
    answers: dict[str, dict[str, str]] = {}
    for number in range(rounds):
        for name, (options, settings) in ((name, WAYS[name]) for name in case.ways):
            place = folder / f"round-{number}" / name.replace(" ", "-").replace(",", "")
            place.mkdir(parents=True)
            folders = {"DERM_DATA": folder / "data", "DERM_RUNS": place / "runs", "DERM_CACHE": place / "cache"}
            env = environment((), **{key: str(path) for key, path in folders.items()} | dict(settings))
            begun = time.perf_counter()
            if name == KILLED:
                _kill_half_way([DERM, *case.command, *options], env, place)
                run([DERM, "study", "resume", STUDY], env, place)
            else:
                run([DERM, *case.command, *options], env, place)
            seconds[name].append(time.perf_counter() - begun)
            answers[name] = _answers(place / "runs")
    least = {name: min(taken) for name, taken in seconds.items()}
    rows = [
        [name, len(answers[name]), f"{taken:.0f}", f"{taken / least[LOCAL]:.2f}", _same(name, answers)]
        for name, taken in least.items()
    ]
    title = (
        f"{STUDY}: effnet-lite0, {case.size}x{case.size}, {case.folds} folds, {case.schedule} of {case.epochs} epochs; "
        f"{images} synthetic images in the layouts of edra, dermofit and dermai; the shortest of {rounds} rounds"
    )
    notes = [f"WRONG: '{name}' gave other answers." for name in case.ways if _same(name, answers) == "no"]
    table = Table(title, ["way", "trainings", "s", "of the first", "the same bits"], rows)
    return Report([table], notes, {"seconds": seconds, "answers": answers})


def _same(name: str, answers: Mapping[str, Mapping[str, str]]) -> str:
    if name == OTHER_BITS:
        return "not asked: other cores"
    return "yes" if answers[name] == answers[LOCAL] else "no"


def _answers(runs: Path) -> dict[str, str]:
    """Return the hash of each training's answers by its row, seed and fold."""
    folder = runs / "studies" / STUDY
    asked = json.loads((folder / "study.json").read_text(encoding="utf-8"))["runs"]
    states = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    found = {}
    for number, each in enumerate(asked, start=1):
        record = json.loads((runs / states[f"{number:04d}"]["run"] / RECORD).read_text(encoding="utf-8"))
        found[f"{each['row']}, {each['seed']}, {each['fold']}"] = record["files"][PREDICTIONS]
    return found


def _kill_half_way(command: list[str], env: Mapping[str, str], place: Path) -> None:
    """Begin a study, and kill the process that carries it out once half of its trainings are finished."""
    state = place / "runs" / "studies" / STUDY / "state.json"
    with (place / "killed.log").open("w") as log:
        process = subprocess.Popen(command, env=dict(env), cwd=place, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        while process.poll() is None:
            time.sleep(0.2)
            states = json.loads(state.read_text(encoding="utf-8")) if state.is_file() else {}
            finished = sum(each["status"] == "finished" for each in states.values())
            if states and 2 * finished >= len(states):
                process.kill()
        if process.returncode >= 0:
            raise RuntimeError(
                f"The study ended before it could be killed: {(place / 'killed.log').read_text()[-2000:]}"
            )
