"""The table of ``derm benchmark``, the same as JSON, and the commands for a phone."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derm_cli.plugin import DermError, one_line, table
from mobile_export.tools.benchmark.asking import SEED, WARM_UP, Measurement
from mobile_export.tools.benchmark.models import MeasuredModel
from mobile_export.tools.benchmark.parity import KnownParity

HEADERS = ("model", "MB", "load", "first", "median", "p95", "memory", "same", "worst recall")
WIDTH, LONGEST, LONGEST_CLASS = 100, 30, 10
"""Columns of the table, and characters of a model's name and of a class's in it; JSON has them whole."""
ON_THE_PHONE = "/data/local/tmp"
MEGABYTE = 1e6


@dataclass(frozen=True)
class Benchmarked:
    """A model, what is known of its answers, and what was measured of it."""

    model: MeasuredModel
    parity: KnownParity | None
    measurements: Sequence[Measurement]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        facts = self.model.inspection.facts
        return {
            "source": str(self.model.source),
            "file": self.model.name,
            "sha256": self.model.sha256,
            "size": self.model.size,
            "run": facts.run,
            "variant": facts.variant,
            "views": facts.views.name,
            "parity": self.parity and self.parity.to_json(),
            "measurements": [each.to_json() for each in self.measurements],
        }


def as_text(found: Sequence[Benchmarked], runs: int) -> str:
    """Return the table, which fits 100 columns, and what has to be known to read it."""
    sources = {each.model.source for each in found}
    rows: list[list[object]] = []
    for each in found:
        model, parity = each.model, each.parity
        name = model.name if len(sources) == 1 else _both_names(model)
        rows.append([_cut(name, LONGEST), f"{model.size / MEGABYTE:.1f}", *[""] * 5, *_parity_cells(parity)])
        for one in each.measurements:
            milliseconds = [f"{seconds * 1000:.3g}" for seconds in (one.load, one.first, one.median, one.p95)]
            where = f"  {one.runtime}, {one.threads} thread{'s' * (one.threads > 1)}"
            rows.append([where, "", *milliseconds, f"{one.memory / MEGABYTE:.0f}", "", ""])
    notes = [
        f"Times in ms for one photograph of drawn noise (seed {SEED}); {runs} runs after the first and {WARM_UP} more. "
        "Memory in MB: the peak of the process, less what it had when the runtime was imported."
    ]
    if any(each.parity for each in found):
        notes.append("Same: the share of test photographs with the run's answer, as it was exported.")
    views = sorted({each.model.inspection.facts.views.name for each in found} - {"none"})
    if views:
        notes.append(f"The views are {', '.join(views)}: an answer asks the model once for each view.")
    return "\n".join([table(HEADERS, rows), "", *(textwrap.fill(each, WIDTH) for each in notes)])


def phone_commands(found: Sequence[Benchmarked], runs: int) -> list[str]:
    """Return the commands that measure the TFLite files on a phone that is connected, with Google's benchmark_model."""
    commands = []
    for each in found:
        model = each.model
        if model.path.suffix != ".tflite":
            continue
        is_zip = model.source.is_file() and model.source.suffix == ".zip"
        file = model.source if model.source.is_file() and not is_zip else model.source / model.name
        if is_zip:
            commands.append(f"unzip {shlex.quote(str(model.source))} -d {shlex.quote(str(model.source)[:-4])}")
            file = model.source.with_suffix("") / model.name
        # The phone's shell reads it once more, whatever is quoted here.
        there = f"{ON_THE_PHONE}/{re.sub('[^A-Za-z0-9._-]', '_', model.name.rsplit('/', 1)[-1])}"
        commands.append(f"adb push {shlex.quote(str(file))} {there}")
        commands += [
            f"adb shell {ON_THE_PHONE}/benchmark_model --graph={there} --num_threads={threads} --num_runs={runs}"
            for threads in dict.fromkeys(one.threads for one in each.measurements)
        ]
    return commands


def nothing_measured(reasons: Sequence[str]) -> DermError:
    """Return the error where no runtime was to be had."""
    return DermError(f"No model was measured: {' '.join(reasons)}")


def _parity_cells(parity: KnownParity | None) -> list[str]:
    if parity is None:
        return ["", ""]
    worst = ""
    if parity.worst_class is not None and parity.worst_change is not None:
        worst = f"{parity.worst_change * 100:+.1f} {_cut(one_line(parity.worst_class), LONGEST_CLASS)}"
    return [f"{parity.agreement:.1%}", worst]


def _both_names(model: MeasuredModel) -> str:
    return model.source.name if model.source.name == model.name else f"{model.source.name}/{model.name}"


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"…{name[1 - most :]}"
