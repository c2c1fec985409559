"""How long the exported models of rows take for an answer, as ``derm benchmark`` measured and kept it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from derm_cli.runs.folder import RunFolder
from derm_cli.studies.judging.answers import RowAnswers

SUFFIX = ".latency.json"
"""After the whole name of an artefact: what was measured of it."""


@dataclass(frozen=True, order=True)
class Circumstances:
    """Under which latencies can be held against each other: threads, runtime, format with its variant, and machine."""

    threads: int
    runtime: str
    format: str
    machine: str

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'' if self.threads == 1 else 's'}"
        return f"{self.format} in {self.runtime}, {threads}, {self.machine}"


@dataclass(frozen=True)
class Latency:
    """Seconds of an answer: the median, and its 95 % interval; both ends are the median where that is not known."""

    seconds: float
    low: float
    high: float


def latencies_of(run: RunFolder) -> dict[Circumstances, Latency]:
    """Return what was measured of a run's artefacts as they are now; what cannot be read is not there."""
    found: dict[Circumstances, Latency] = {}
    record = run.record
    for artefact in record.artefacts.values():
        try:
            content = json.loads((run / f"{artefact.path}{SUFFIX}").read_text(encoding="utf-8"))
            if content["sha256"] != record.files.get(artefact.path):
                continue
            written = f"{artefact.exporter}{f' {artefact.variant}' if artefact.variant else ''}"
            for each in content["measurements"]:
                under = Circumstances(int(each["threads"]), str(each["runtime"]), written, str(each["machine"]))
                median = float(each["median"])
                low, high = each.get("low"), each.get("high")
                found[under] = Latency(
                    median, median if low is None else float(low), median if high is None else float(high)
                )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def comparable_latencies(rows: Iterable[RowAnswers]) -> tuple[Circumstances | None, Mapping[str, Latency]]:
    """Return the circumstances under which most rows were measured, with the latency of each such row by name.

    Of several runs of a row the fastest counts: they are of one network.  Where as many rows were measured under
    several, the fewest threads are taken.  None, and nothing, where no row was measured.
    """
    of_rows: dict[str, dict[Circumstances, Latency]] = {}
    for row in rows:
        measured: dict[Circumstances, Latency] = {}
        for run in row.exported:
            for under, latency in latencies_of(run).items():
                if under not in measured or latency.seconds < measured[under].seconds:
                    measured[under] = latency
        of_rows[row.name] = measured
    counted = Counter(under for measured in of_rows.values() for under in measured)
    if not counted:
        return None, {}
    best = min(counted, key=lambda under: (-counted[under], under))
    return best, {name: measured[best] for name, measured in of_rows.items() if best in measured}
