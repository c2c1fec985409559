"""The command ``derm benchmark``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from derm_cli.plugin import RequestError, progress, say, scratch_folder, usable_cores, warn

NAME = "benchmark"
SUMMARY = "Measure the models of a bundle: size, latency, memory."
MOST_THREADS = 256


def _threads(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, ...]:
    if value is None:
        return tuple(dict.fromkeys((1, usable_cores())))
    words = [each.strip() for each in value.split(",")]
    if not all(each.isascii() and each.isdecimal() and 1 <= int(each) <= MOST_THREADS for each in words):
        raise RequestError(f"'{value}' are no numbers of threads: give some of 1 to {MOST_THREADS}, as in 1,2,4.")
    return tuple(dict.fromkeys(map(int, words)))


@click.command(NAME)
@click.argument("models", metavar="MODEL...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--threads",
    callback=_threads,
    metavar="N,N",
    help="Numbers of threads, comma by comma; if not given, 1 and all cores.",
)
@click.option(
    "--runs",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help="How often each is asked, after warming up.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(session: Any, models: tuple[Path, ...], threads: tuple[int, ...], runs: int, as_json: bool) -> None:
    """Measure the models of a bundle: size, latency, memory.

    MODEL is a bundle, folder or zip, or a .tflite or .onnx; it may be a stranger's.  Each model is measured in each
    runtime that is there, on each number of threads, in a process of its own, with drawn noise for a photograph.
    Beside it stands how near its answers are to its run's, where the run or the bundle tells.  Below are the commands
    that measure it on a phone.  What was measured of a run's artefact is kept beside it, for the report of a study.
    """
    from mobile_export.bundle.runtimes import MEDIAPIPE, RUNTIMES, NoRuntime, kept_python
    from mobile_export.tools.benchmark.asking import measured
    from mobile_export.tools.benchmark.models import models_of
    from mobile_export.tools.benchmark.parity import parity_of
    from mobile_export.tools.benchmark.showing import Benchmarked, as_text, nothing_measured, phone_commands
    from mobile_export.tools.benchmark.storing import store

    with scratch_folder("derm-benchmark-") as scratch:
        read = []
        for number, source in enumerate(models):
            own = scratch / str(number)
            own.mkdir()
            read += models_of(source, own)
        pythons, reasons = {}, []
        cache = session.settings.known_cache_folder
        # MediaPipe's classifier takes photographs and not pixels: what it costs is its own resizing too.
        for runtime in (each for each in RUNTIMES.values() if each.name != MEDIAPIPE):
            try:
                pythons[runtime] = kept_python(runtime, cache and cache / "runtimes")
            except NoRuntime as reason:
                reasons.append(str(reason))
        asked = [
            (model, runtime, python, number)
            for model in read
            for runtime, python in pythons.items()
            if python is not None and runtime.suffix == model.path.suffix
            for number in threads
        ]
        if not asked:
            raise nothing_measured(reasons)
        for why in reasons:
            warn(why)
        figures = [
            (model, measured(model, runtime, python, number, runs))
            for model, runtime, python, number in progress(asked, "Measuring", total=len(asked), delay=1)
        ]
        found = [
            Benchmarked(
                each,
                parity_of(each, Path(session.settings.runs.value)),
                [one for model, one in figures if model is each],
            )
            for each in read
        ]
        for each in found:
            store(each.model, each.measurements, runs, Path(session.settings.runs.value))
    if as_json:
        say(json.dumps({"runs": runs, "models": [each.to_json() for each in found]}, indent=2))
        return
    say(as_text(found, runs))
    commands = phone_commands(found, runs)
    if commands:
        say("\nOn a phone, with LiteRT's benchmark_model in its /data/local/tmp (not run here):\n")
        for line in commands:
            say(f"    {line}")
