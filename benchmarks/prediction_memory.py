"""Peak memory of ``derm predict`` on folders of more and more photographs: it must not grow with their number."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from benchmarks.measurements import MEBIBYTE
from benchmarks.photographs import draw_dataset
from benchmarks.prediction import two_cores
from benchmarks.processes import DERM, PYTHON, ROOT, environment, run
from benchmarks.ratios import Spread, in_turns
from benchmarks.report import Report, Table

ROUNDS = 1
ACCEPTED = 1.1
"""By how much the peak of many photographs may be above that of a tenth of them: allocators differ from run to run."""
NOTE = "Each photograph is a file of its own, a hard link to one of those drawn; answers go into a table."


@dataclass(frozen=True)
class Case:
    """``counts`` of photographs, each ten times the one before, of which so many of each class are drawn."""

    counts: tuple[int, ...] = (100, 1_000, 10_000)
    per_class: int = 10
    side: int = 256


def measure(folder: Path, rounds: int = ROUNDS, case: Case = Case(), artefacts: Sequence[Path] = ()) -> Report:
    """Ask about more and more photographs by each of ``artefacts``; without any, a TFLite and an ONNX file are made."""
    data = folder / "data"
    drawn = sorted((data / draw_dataset(data, case.per_class, case.side) / "images").iterdir())
    shown = [_linked(drawn, folder / f"of-{count}", count) for count in case.counts]
    if not artefacts:
        run([PYTHON, "-m", "benchmarks.prediction", str(folder)], environment([ROOT, ROOT / "plugins"]), folder)
        artefacts = [folder / "model.tflite", folder / "model.onnx"]
    rows: list[list[object]] = []
    results: dict[str, object] = {}
    grown = []
    table = folder / "answers.csv"
    with two_cores() as threads:
        for artefact in artefacts:
            asking = [
                [DERM, "predict", str(artefact), str(each), "--csv", str(table), "--force", "--jsonl"] for each in shown
            ]
            found = in_turns(rounds, [partial(run, each, environment(), folder) for each in asking])
            assert len(table.read_text(encoding="utf-8").splitlines()) == case.counts[-1] + 1
            peaks = [Spread.of([each.peak_bytes / MEBIBYTE for each in one]) for one in found]
            seconds = [Spread.of([each.seconds for each in one]) for one in found]
            rows += [
                [artefact.suffix, f"{count:,}", peak.text(0), taken.text(1)]
                for count, peak, taken in zip(case.counts, peaks, seconds, strict=True)
            ]
            results[artefact.suffix] = {
                str(count): [each.peak_bytes for each in one] for count, one in zip(case.counts, found, strict=True)
            }
            if peaks[-1].middle > ACCEPTED * peaks[-2].middle:
                ratio = peaks[-1].middle / peaks[-2].middle
                grown.append(f"GROWS: {artefact.suffix}: {ratio:.2f} times the memory for ten times the photographs.")
    title = (
        f"Memory of prediction: synthetic photographs of {case.side}x{case.side}; {threads} thread{'s' * (threads > 1)}"
    )
    headers = ["file", "photographs", "peak memory, MiB", "s"]
    return Report([Table(title, headers, rows)], (NOTE, *grown), results)


def _linked(files: Sequence[Path], folder: Path, count: int) -> Path:
    """Fill ``folder`` with ``count`` names of ``files``, which take no room."""
    folder.mkdir()
    for number, file in enumerate(islice(cycle(files), count)):
        os.link(file, folder / f"{number:06}{file.suffix}")
    return folder
