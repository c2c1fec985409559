"""What ``derm export`` prints fits the terminal: what is wider stands below, and no number or path is cut."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from derm_cli.cli.export import tables_as_text

FOLDER = Path("/home/somebody/with/a/long/name/studies/lesions/runs/20260102-101112-abcd/artefacts")
NAMES = ("tflite", "tflite:float16", "tflite:int16x8-float-input", "onnx")


def artefact(name: str) -> SimpleNamespace:
    parity = SimpleNamespace(max_difference=1.24e-05, agreement=0.9876, photographs=1234)
    return SimpleNamespace(name=name, path=FOLDER / f"{name.replace(':', '-')}.file", size=13_456_789, parity=parity)


def change(name: str, *, low: float | None) -> SimpleNamespace:
    return SimpleNamespace(name=name, cases=321, before=0.8123, after=0.7912, low=low, high=0.0123)


CHANGES = [
    ("tflite:int16x8-float-input", change("a class of a name that somebody wrote out", low=-0.0456)),
    ("tflite:float16", change("MEL", low=None)),
]
NUMBERS = ("13.5 MB", "1.2e-05", "98.8%", "1234", "321", "81.2%", "79.1%", "-2.1% (-4.6% to +1.2%)")


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize("changes", [[], CHANGES])
def test_tables_are_as_wide_as_the_terminal_and_cut_nothing(width, changes):
    lines = "\n".join(tables_as_text([artefact(name) for name in NAMES], changes, width)).splitlines()
    assert max(len(line) for line in lines if str(FOLDER) not in line) <= width
    printed = "\n".join(lines)
    for number in NUMBERS[: 8 if changes else 4]:
        assert number in printed
    assert f" {FOLDER}:" in " ".join(["", *lines])
    assert all(f"{name.replace(':', '-')}.file" in printed for name in NAMES)
    # The keys of a row stand in each part of a table.
    assert sum(line.startswith("onnx ") for line in lines) == (1 if width > 80 else 2)
