"""How long the lightest commands take, against the least that such a program can do: import Click and find plugins."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.generated_plugins import write_plugins
from benchmarks.processes import DERM, PYTHON, environment, run
from benchmarks.ratios import Spread, in_turns, ratio
from benchmarks.report import Report, Table

LEAST = "import click, pluggy; from importlib.metadata import entry_points; entry_points()"
COMMANDS = {"derm --help": [DERM, "--help"], "derm plugins list": [DERM, "plugins", "list"]}
PLUGINS = 50
TARGETS = {0: 1.5, PLUGINS: 2.5}
ROUNDS = 20


def measure(folder: Path, rounds: int = ROUNDS) -> Report:
    """Time whole processes in turns: the least, then each command, without and with made plugins.

    Ratios are to the least without made plugins, which is the harder comparison.
    """
    write_plugins(folder / "plugins", PLUGINS)
    bare, crowded = environment(), environment([folder / "plugins"])
    cases: dict[tuple[str, int], Any] = {("the least", 0): partial(run, [PYTHON, "-c", LEAST], bare, folder)}
    for plugins, env in ((0, bare), (PLUGINS, crowded)):
        for name, command in COMMANDS.items():
            cases[name, plugins] = partial(run, command, env, folder)
    in_turns(1, list(cases.values()))  # once unmeasured, which leaves compiled bytecode
    seconds = {
        case: [outcome.seconds for outcome in outcomes]
        for case, outcomes in zip(cases, in_turns(rounds, list(cases.values())), strict=True)
    }
    return Report([_table(seconds, rounds)], results={"rounds": rounds, "seconds": _by_title(seconds)})


def _table(seconds: dict[tuple[str, int], list[float]], rounds: int) -> Table:
    least = seconds["the least", 0]
    rows: list[list[object]] = []
    for (name, plugins), times in seconds.items():
        milliseconds = Spread.of([each * 1000 for each in times]).text(0)
        if times is least:
            rows.append([name, "", milliseconds, "1", "", ""])
            continue
        quotient, target = ratio(times, least), TARGETS[plugins]
        rows.append(
            [
                name,
                plugins or "",
                milliseconds,
                quotient.text(),
                f"{target:g}",
                "yes" if quotient.middle <= target else "NO",
            ]
        )
    title = f"Start-up: whole processes, {rounds} rounds in turns; the least is python -c '{LEAST}'"
    return Table(title, ["command", "made plugins", "ms", "ratio to the least", "at most", "reached"], rows)


def _by_title(seconds: dict[tuple[str, int], list[float]]) -> dict[str, list[float]]:
    return {f"{name}, {plugins} made plugins": times for (name, plugins), times in seconds.items()}
