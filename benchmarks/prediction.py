"""``derm predict`` on a folder of photographs, against a plain loop over the same runtime.

``python -m benchmarks.prediction FOLDER`` writes the artefacts that are asked: TensorFlow is imported there alone.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.photographs import draw_dataset
from benchmarks.processes import DERM, PYTHON, ROOT, environment, run
from benchmarks.ratios import Spread, in_turns, ratio
from benchmarks.report import Report, Table

ROUNDS = 3
SIZE, CLASSES, CORES = 224, 6, 2
LOOP = Path(__file__).with_name("plain_predict.py")
NOTES = (
    "Both are whole processes, from start to end, with a table at the end. Ratios are plain / derm, round by round; "
    "above 1 derm is better.",
    "The network is MobileNetV2 of Keras with random weights; the loop reads one photograph after another.",
)


@dataclass(frozen=True)
class Case:
    """So many photographs of each of six classes, of ``side`` pixels, for a network of ``size`` pixels."""

    per_class: int = 34
    side: int = 512
    size: int = SIZE


def measure(folder: Path, rounds: int = ROUNDS, case: Case = Case(), artefacts: Sequence[Path] = ()) -> Report:
    """Ask about the same photographs in turns, by derm and by the loop, for each of ``artefacts``.

    Without any, a TFLite and an ONNX file are made.  Both sides have the same two cores, or one where there is one, and
    as many threads.
    """
    with two_cores() as threads:
        return _measured(folder, rounds, case, artefacts, threads)


@contextmanager
def two_cores() -> Iterator[int]:
    """Bind this process, and those that it starts, to two cores at most, and give their number."""
    if not hasattr(os, "sched_setaffinity"):
        yield CORES
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:CORES])
    try:
        yield len(os.sched_getaffinity(0))
    finally:
        os.sched_setaffinity(0, before)


def _measured(folder: Path, rounds: int, case: Case, artefacts: Sequence[Path], threads: int) -> Report:
    data = folder / "data"
    photographs, single = data / draw_dataset(data, case.per_class, case.side) / "images", folder / "one"
    files = sorted(photographs.iterdir())
    single.mkdir()
    shutil.copy(files[0], single)
    if not artefacts:
        run([PYTHON, "-m", "benchmarks.prediction", str(folder)], environment([ROOT, ROOT / "plugins"]), folder)
        artefacts = [folder / "model.tflite", folder / "model.onnx"]
    rows: list[list[object]] = []
    results: dict[str, object] = {"threads": threads, "photographs": len(files)}
    slow = []
    ours, theirs = folder / "derm.csv", folder / "loop.csv"
    for artefact in artefacts:
        sides = []
        for shown in (single, photographs):
            asking = [DERM, "predict", str(artefact), str(shown), "--csv", str(ours), "--force"]
            looping = [PYTHON, str(LOOP), str(artefact), str(shown), str(theirs), str(case.size), str(threads)]
            sides += [partial(run, command, environment(), folder) for command in (asking, looping)]
        in_turns(1, sides)  # once unmeasured, which leaves compiled bytecode and the files in the system's cache
        seconds = [[each.seconds for each in one] for one in in_turns(rounds, sides)]
        assert len(ours.read_text(encoding="utf-8").splitlines()) == len(files) + 1
        assert len(theirs.read_text(encoding="utf-8").splitlines()) == len(files)
        pairs = {
            f"all {len(files)}, s": seconds[2:],
            "one alone, s": seconds[:2],
            "each further one, ms": [
                [1000 * (whole - one) / (len(files) - 1) for one, whole in zip(*both, strict=True)]
                for both in (seconds[::2], seconds[1::2])
            ],
        }
        for what, (derm, loop) in pairs.items():
            quotient = ratio(loop, derm)
            rows.append([artefact.suffix, what, Spread.of(derm).text(), Spread.of(loop).text(), quotient.text()])
            if quotient.middle < 1:
                slow.append(f"SLOW: {artefact.suffix}, {what}: {quotient.middle:.2f} times as fast, to be 1.")
        results[artefact.suffix] = {what: {"derm": derm, "loop": loop} for what, (derm, loop) in pairs.items()}
    title = (
        f"Prediction: {len(files)} synthetic photographs of {case.side}x{case.side}, at {case.size}x{case.size}; "
        f"{threads} thread{'s' * (threads > 1)}; {rounds} rounds in turns"
    )
    table = Table(title, ["file", "photographs", "derm predict --csv", "plain loop", "ratio"], rows)
    return Report([table], (*NOTES, *slow), results)


def write_artefacts(folder: Path) -> None:
    """Write ``model.tflite`` and ``model.onnx`` of MobileNetV2 with random weights."""
    import keras

    from derm_cli.plan import Preprocessing
    from derm_cli.plugin import ArtefactFacts, LesionClass
    from mobile_export import derm_exporters

    keras.utils.set_random_seed(0)
    entry = keras.Input((SIZE, SIZE, 3))
    network = keras.applications.MobileNetV2((SIZE, SIZE, 3), weights=None, classes=CLASSES)
    model = keras.Model(entry, network(keras.layers.Rescaling(1 / 127.5, offset=-1)(entry)))
    facts = ArtefactFacts(
        run="made",
        classes=tuple(LesionClass(name=name, title=name) for name in "abcdef"),
        preprocessing=Preprocessing(size=SIZE),
        backbone="mobilenet-v2",
        target="made",
        made=True,
        derm="0",
    )
    for spec in derm_exporters():
        if spec.name != "keras":
            spec.export(model, facts, folder / f"model{spec.suffix}")


if __name__ == "__main__":
    write_artefacts(Path(sys.argv[1]))
