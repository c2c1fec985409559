"""The table of runtimes."""

from __future__ import annotations

import pytest

from benchmarks.runtimes.showing import AskedRuntime, as_markdown
from derm_cli.plugin import ModelCheck


@pytest.mark.parametrize(
    ("more", "last"),
    [
        ({}, "as before"),
        ({"recall": {"MEL": 0.0, "BCC": -0.037}}, "BCC -3.7"),
        (
            {"recall": {"BCC": -0.5}, "fault": "the recall of 'BCC' is 50.0% less"},
            "refused: the recall of 'BCC' is 50.0% less",
        ),
    ],
)
def test_a_runtime_is_told_with_its_version_and_how_near_it_is(more, last):
    check = ModelCheck(
        model="model-int8.tflite",
        variant="int8",
        runtime="litert",
        source="photographs",
        photographs=96,
        max_difference=0.0443,
        mean_difference=0.0035,
        agreement=1.0,
        **more,
    )
    text = as_markdown([AskedRuntime("litert", "2.1.0", check)])
    assert (
        text.splitlines()[-1] == f"| litert | 2.1.0 | `model-int8.tflite` | 96 | 4.4e-02 | 3.5e-03 | 100.0% | {last} |"
    )
    assert text.splitlines()[0].startswith("| asked in | version | file | photographs | largest difference |")
