"""The table of exports: what was measured, the gate's own words, and no class's cost where no class is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.exports.judging import JudgedFile
from benchmarks.exports.showing import ShownRun, section
from benchmarks.exports.timing import Latency

RUN = ShownRun("effnet-lite0", 160, "imagenet weights", 6, 0.885)
FILE = JudgedFile(
    variant="int8",
    size=3_040_000,
    photographs=96,
    largest=0.045,
    mean=0.0035,
    agreement=0.9896,
    recall={"ACK": 0.0, "BCC": -0.037, "MEL": 0.2},
    faults=[],
)


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({}, "| `int8` | 3.0 | 7.1 | 9.9 | 4.5e-02 | 3.5e-03 | 99.0% | BCC -3.7, MEL +20.0 | passed |"),
        ({"recall": {"ACK": 0.0}}, "| `int8` | 3.0 | 7.1 | 9.9 | 4.5e-02 | 3.5e-03 | 99.0% | as before | passed |"),
        (
            {"recall": {"BCC": -0.5}, "faults": ["it recognises class 'BCC' in less", "and more"]},
            "| `int8` | 3.0 | 7.1 | 9.9 | 4.5e-02 | 3.5e-03 | 99.0% | BCC -50.0 "
            "| refused: it recognises class 'BCC' in less; and more |",
        ),
    ],
)
def test_a_row_has_size_times_parity_and_the_cost_of_each_class(changes, row):
    text = section(RUN, [(replace(FILE, **changes), Latency(0.0071, 0.0099))])
    assert text.splitlines()[-1] == row
    assert text.splitlines()[0] == (
        "**effnet-lite0**, 160x160, from imagenet weights; balanced accuracy 88.5%, chance 16.7%."
    )


def test_what_was_not_timed_has_no_times():
    assert "| 3.0 |  |  | 4.5e-02 |" in section(RUN, [(FILE, None)])


@pytest.mark.parametrize(("accuracy", "told"), [(0.17, False), (0.31, False), (0.32, True)])
def test_where_hardly_a_class_is_recognised_no_class_s_cost_is_told(accuracy, told):
    text = section(replace(RUN, balanced_accuracy=accuracy), [(FILE, None)])
    assert ("BCC -3.7" in text) == told
    assert ("not told" in text) != told
    assert ("too little is recognised for a class's recall to tell anything" in text) != told
