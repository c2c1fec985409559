"""The table of what GPUs leave to the CPU: a row a variant, each kind of operation once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import delegates
from benchmarks.phone_gpu import OnGpu


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ([], "none"),
        ([("CAST", "from uint8 to float32")], "`CAST` from uint8 to float32"),
        ([("ADD", "of int16"), ("CONV_2D", "of int16"), ("ADD", "of int16")], "`ADD`, `CONV_2D` of int16"),
        ([("CAST", "so"), ("ADD", "of int16")], "`CAST` so; `ADD` of int16"),
    ],
)
def test_each_kind_is_told_once(left, said):
    assert delegates.told(left) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (OnGpu(whole=True, on_gpu=None, on_cpu=None, reasons=(), difference=2.5e-7), ("none", "2.5e-07")),
        (OnGpu(whole=False, on_gpu=2, on_cpu=3, reasons=("`ADD` so",), difference=0.0), ("3 of 5", "0.0e+00")),
        (RuntimeError("no adapter"), ("not run", "")),
    ],
)
def test_what_an_accelerator_took_is_told(found, said, monkeypatch):
    def run(*_):
        if isinstance(found, RuntimeError):
            raise found
        return found

    monkeypatch.setattr(delegates, "run_on_gpu", run)
    assert delegates.accelerated(Path("x"), None) == said


def test_a_row_is_printed_for_each_variant_that_is_asked_for(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(
        delegates,
        "rows_of",
        lambda spec, variants, folder, driver: asked.extend(variants) or [(spec.name, "v", "3", "none")],
    )
    delegates.main(["--backbone", "effnet-lite0", "--variant", "none", "--variant", "float-input"])
    assert asked == ["none", "float-input"]
    assert capsys.readouterr().out.splitlines() == [
        "| backbone | variant | operations | TFLite's rules leave | LiteRT leaves | difference |",
        "| --- | --- | --- | --- | --- | --- |",
        "| effnet-lite0 | v | 3 | none |",
    ]
