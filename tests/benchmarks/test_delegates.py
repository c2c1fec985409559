"""The table of what GPUs leave to the CPU: a row a variant, each kind of operation once."""

from __future__ import annotations

import pytest

from benchmarks import delegates


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ([], "none"),
        ([("CAST", "from uint8 to float32")], "`CAST` from uint8 to float32"),
        ([("ADD", "of int16"), ("CONV_2D", "of int16"), ("ADD", "of int16")], "2 × `ADD` of int16, `CONV_2D` of int16"),
    ],
)
def test_each_kind_is_told_once(left, said):
    assert delegates.told(left) == said


def test_a_row_is_printed_for_each_variant_that_is_asked_for(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(
        delegates, "rows_of", lambda spec, variants, folder: asked.extend(variants) or [(spec.name, "v", "3", "none")]
    )
    delegates.main(["--backbone", "effnet-lite0", "--variant", "none", "--variant", "float-input"])
    assert asked == ["none", "float-input"]
    assert capsys.readouterr().out.splitlines() == [
        "| backbone | variant | operations | left to the CPU |",
        "| --- | --- | --- | --- |",
        "| effnet-lite0 | v | 3 | none |",
    ]
