"""Each reason of training has its kind, and what cannot be is told of records that are used."""

import pytest

from derm_cli.data.checking.dropped import dropped_records, kind_of_reason, refused_values, unknown_diagnoses
from derm_cli.data.preprocessing import UnreadablePhotograph, open_photograph
from derm_cli.data.records import (
    CONTRADICTING,
    LEFT_OUT,
    MISSING,
    NO_CASE,
    NO_FILE,
    NOT_TEXT,
    OUTSIDE,
    SAME_CASE,
    SAME_FILE,
    UNKNOWN_LABEL,
)
from tests.support import synthetic_photographs


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (UNKNOWN_LABEL, "unknown-label"),
        (NO_CASE, "empty-id"),
        (SAME_CASE, "duplicate-id"),
        (NO_FILE, "no-file"),
        (SAME_FILE, "duplicate-file"),
        (CONTRADICTING, "contradicting-copies"),
        (OUTSIDE, "outside"),
        (NOT_TEXT, "name-not-text"),
        (MISSING, "missing-file"),
        (LEFT_OUT, "left-out"),
        ("no permission to read the file", "unreadable"),
        ("it cannot be read (Input/output error)", "unreadable"),
        ("there is not enough memory to decode it", "unreadable"),
    ],
)
def test_reasons_before_decoding(reason, kind):
    assert kind_of_reason(reason) == kind


def write_cut(path):
    synthetic_photographs.picture(0).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:3000])


def write_scrambled(path):
    synthetic_photographs.picture(0).save(path, "PNG")
    raw = bytearray(path.read_bytes())
    raw[2000:2100] = bytes(100)
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (lambda path: path.touch(), "empty-file"),
        (lambda path: path.write_text("no image"), "not-an-image"),
        (lambda path: path.mkdir(), "not-an-image"),
        (write_cut, "damaged"),
        (write_scrambled, "damaged"),
        (
            lambda path: synthetic_photographs.picture(0).save(
                path, "GIF", save_all=True, append_images=[synthetic_photographs.picture(1)]
            ),
            "animated",
        ),
        (lambda path: synthetic_photographs.picture(0, (12, 90)).save(path, "PNG"), "far-too-small"),
        (lambda path: synthetic_photographs.write_png(path, 15_000, 15_000), "far-too-large"),
        (lambda path: synthetic_photographs.write_png(path, 60_000, 60_000), "far-too-large"),
    ],
)
def test_each_reason_that_decoding_gives_has_its_kind(tmp_path, write, kind):
    write(tmp_path / "file.png")
    with pytest.raises(UnreadablePhotograph) as raised, open_photograph(tmp_path / "file.png"):
        pass
    assert kind_of_reason(str(raised.value)) == kind


def test_dropped_records_are_told_with_the_reason_that_training_gives(make, told):
    gone = [("7", "7.png", "X", UNKNOWN_LABEL), ("", "8.png", "A", NO_CASE), ("9", "9.png", "Y", UNKNOWN_LABEL)]
    findings = list(dropped_records(make(["A", "B"], dropped=gone)))
    assert told(findings) == {"unknown-label": [["7"], ["9"]], "empty-id": [["8.png"]]}
    assert [case.detail for case in findings[0].cases] == [UNKNOWN_LABEL] * 2


def test_unknown_labels_are_named_with_what_may_be_meant(make):
    labels = ["nevos"] * 3 + ["Melanoma"] + [f"odd{'ghijkl'[number] * 8}" for number in range(6)]
    gone = [(str(number), "f.png", label, UNKNOWN_LABEL) for number, label in enumerate(labels)]
    (finding,) = dropped_records(make(["nevus", "melanoma"], dropped=gone))
    assert finding.detail.startswith(
        "'nevos' (3, is it 'nevus'?), 'Melanoma' (1, is it 'melanoma'?), 'oddgggggggg' (1),"
    )
    assert finding.detail.endswith(" and 3 more")


def test_values_are_told_of_records_that_are_used_alone(make, told):
    odd = [("0", "age", "850"), ("0", "sex", "x"), ("gone", "age", "-1")]
    (finding,) = refused_values(make(["A", "B"], refused=odd))
    assert told([finding]) == {"impossible-value": [["0"], ["0"]]}
    assert [case.detail for case in finding.cases] == ["age '850'", "sex 'x'"]


def test_diagnoses_that_the_hierarchy_has_not(make, told):
    known = "Benign:Benign melanocytic proliferations:Nevus"
    assert told(unknown_diagnoses(make(["A", "B", "A"], diagnosis=[known, "Benign:Mole", ""]))) == {
        "unknown-diagnosis": [["1"]]
    }
    assert not list(unknown_diagnoses(make(["A", "B"])))
