"""Which operations of the built-in backbones a phone's GPU leaves to the CPU: ``python -m benchmarks.delegates``.

By the rules of TFLite's delegate, and by what LiteRT's accelerator takes as it runs; ``--driver`` names a browser's
SwiftShader where there is no GPU.  The weights are random, since the operations do not hang on them.  Printed as the
table of docs/guides/export.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.phone_gpu import run_on_gpu
from derm_backbones import derm_backbones
from derm_cli.plan import Preprocessing
from derm_cli.plugin import ArtefactFacts, BackboneSpec, CalibrationPhotographs
from derm_cli.taxonomy import LesionClass
from mobile_export.formats.gpu_operations import left_to_the_cpu
from mobile_export.formats.tflite_graph import operation_names, read_network
from mobile_export.specs import TFLITE

SIDE, CLASSES = 96, ("benign", "malignant", "other")
PLAIN = "none"
HEADERS = ("backbone", "variant", "operations", "TFLite's rules leave", "LiteRT leaves", "difference")


def rows_of(
    spec: BackboneSpec, variants: Sequence[str], folder: Path, driver: Path | None = None
) -> Iterator[tuple[str, ...]]:
    """Yield for each variant of a backbone its operations and those that are left, exported into ``folder``."""
    from derm_cli.engine.network import add_head

    model = add_head(spec.build(SIDE, None), spec, len(CLASSES)).model
    facts = ArtefactFacts(
        run="made",
        classes=tuple(LesionClass(name=name, title=name) for name in CLASSES),
        preprocessing=Preprocessing(size=SIDE),
        backbone=spec.name,
        target="made",
        made=True,
        derm="0",
    )
    noise = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3), dtype=np.uint8)
    calibration = CalibrationPhotographs(photographs=noise, sha256=("0" * 64,) * len(noise))
    known = {each.name: each for each in TFLITE.variants}
    for name in variants:
        path = folder / f"{spec.name}-{name}.tflite"
        if name == PLAIN:
            TFLITE.export(model, facts, path)
        else:
            known[name].export(model, facts, path, calibration if known[name].calibrated else None)
        network = read_network(path.read_bytes())
        rules = told(left_to_the_cpu(network))
        yield spec.name, name, str(len(operation_names(network))), rules, *accelerated(path, driver)


def told(left: Sequence[tuple[str, str]]) -> str:
    """Return the operations that are left in words, by why: ``CAST from uint8 to float32``."""
    names: dict[str, dict[str, None]] = {}
    for name, why in left:
        names.setdefault(why, {})[f"`{name}`"] = None
    return "; ".join(f"{', '.join(each)} {why}" for why, each in names.items()) or "none"


def accelerated(path: Path, driver: Path | None) -> tuple[str, str]:
    """Return what LiteRT's accelerator leaves of a network, and how its answer differs; why not where it cannot run."""
    try:
        found = run_on_gpu(path, len(CLASSES), driver)
    except RuntimeError:
        return "not run", ""
    left = "none" if found.whole else f"{found.on_cpu} of {(found.on_cpu or 0) + (found.on_gpu or 0)}"
    return left, f"{found.difference:.1e}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    specs = {spec.name: spec for spec in derm_backbones()}
    variants = (PLAIN, *(each.name for each in TFLITE.variants))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backbone", action="append", choices=specs, help="by default all; repeatable")
    parser.add_argument("--variant", action="append", choices=variants, help="by default all; repeatable")
    parser.add_argument("--driver", type=Path, help="a Vulkan driver, such as libvk_swiftshader.so of Chromium")
    asked = parser.parse_args(arguments)
    _print(HEADERS)
    _print(["---"] * len(HEADERS))
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.backbone or specs:
            for row in rows_of(specs[name], asked.variant or variants, Path(folder), asked.driver):
                _print(row)


def _print(cells: Sequence[Any]) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
