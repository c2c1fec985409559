"""Thousands of spoilt tables, photographs and stored files; and that the fuzzer itself sees what it must not see.

``make fuzz`` does the same for longer.  What fails is printed with the command that does it again.
"""

from __future__ import annotations

import time

import pytest

from tests.fuzz import long
from tests.fuzz.supervisor import fuzz

SEED = 20261124


def fuzzed(target, tmp_path, count):
    report = fuzz(target, tmp_path, SEED, 0, count)
    assert not report.failures, "\n\n".join(map(str, report.failures[:5]))
    assert report.done == count
    # No single input took as much, and what the inputs took is given back: what stays are libraries, as pyarrow.
    assert report.peak_growth < 1.5 * 2**30
    assert report.final_growth < 5 * 2**26
    return report.ends


def test_spoilt_tables_give_records_or_a_sentence(tmp_path):
    ends = fuzzed("tables", tmp_path, 1000)
    # Neither too little spoilt nor too much.
    assert ends["records"] > 150
    assert ends["refused"] > 150


def test_spoilt_photographs_give_pixels_or_a_reason(tmp_path):
    ends = fuzzed("pictures", tmp_path, 1000)
    assert ends["pixels"] > 100
    assert ends["unreadable"] > 100


def test_what_derm_stored_is_read_or_refused_when_it_is_spoilt(tmp_path):
    ends = fuzzed("stored", tmp_path, 1000)
    kinds = ("plan", "request", "record", "predictions", "ledger", "settings", "pack", "facts")
    assert all(ends[f"{kind} read"] > 5 for kind in kinds), ends
    assert ends["refused"] > 150


def test_no_command_changes_what_it_reads_wherever_it_is_told_to_write(tmp_path):
    ends = fuzzed("outputs", tmp_path, 120)
    assert ends["written"] > 20
    assert ends["refused"] > 50


def test_bundles_of_strangers_are_read_or_told_of_and_nothing_leaves_their_folder(tmp_path):
    ends = fuzzed("bundles", tmp_path, 600)
    assert ends["refused"] > 100
    assert min(ends["manifest read"], ends["vectors told"], ends["file told"], ends["zip read"]) > 2, ends


def test_models_of_strangers_are_answered_by_or_refused_and_end_no_process(tmp_path):
    ends = fuzzed("models", tmp_path, 600)
    assert ends["refused"] > 200
    assert min(ends["tflite answered"], ends["onnx answered"]) > 2, ends


def test_the_fuzzer_sees_every_broken_promise_and_goes_on(tmp_path):
    report = fuzz("misbehaving", tmp_path, 4, 0, 17, seconds=1, memory=2**29, patience=4)
    errors = {each.index: each.error for each in report.failures}
    expected = {
        3: "KeyError: 'what a user must not see'",
        5: "UserWarning: image may be damaged",
        7: "it did not end within its seconds of the processor",
        9: "MemoryError: ",
        11: "it ended the process with -11",
        13: "it did not end within 4 s by the clock",
        15: "Broken: an error of 12000 characters",
    }
    assert errors.keys() == expected.keys()
    assert all(errors[index].startswith(error) for index, error in expected.items()), errors
    assert report.done == 17
    assert "python -m tests.fuzz.long --target misbehaving --seed 4 --index 7" in str(report.failures[2])


@pytest.mark.parametrize("target", long.NAMES)
def test_an_input_can_be_had_again(target, tmp_path, capsys):
    """A number gives the same input, alone or after others, with the same end."""
    printed = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        assert long.main(["--target", target, "--seed", "3", "--index", "5", "--keep", str(folder)]) == 0
        printed.append(capsys.readouterr().out.splitlines()[:2])
    assert printed[0] == printed[1]
    assert printed[0][1].startswith("spoilt: ")


def test_the_long_fuzzing_ends_in_time_and_counts(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(long, "BATCH", 40)
    begun = time.monotonic()
    assert long.fuzz(["stored"], 1, 5, 1) == 0
    assert time.monotonic() - begun < 60
    assert "stored: " in capsys.readouterr().out


def test_the_long_fuzzing_fails_where_something_failed(capsys, monkeypatch):
    monkeypatch.setattr(long, "BATCH", 4)
    assert long.fuzz(["misbehaving"], 1, 5, 1, {"seconds": 1, "patience": 4}) == 1
    out = capsys.readouterr().out
    assert "KeyError: 'what a user must not see'" in out
