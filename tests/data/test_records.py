import pytest

from derm_cli.data.records import (
    CONTRADICTING,
    MISSING,
    NO_CASE,
    NO_FILE,
    SAME_CASE,
    SAME_FILE,
    UNKNOWN_LABEL,
    read_records,
    read_usable_records,
)
from derm_cli.errors import DermError

ROWS = [("1", "1.png", "A"), ("2", "2.png", "A"), ("3", "3.png", "B"), ("4", "4.png", "B")]


def test_usable_records_are_kept_and_each_other_has_a_reason(located):
    rows = [*ROWS, ("5", "5.png", "X"), ("6", "gone.png", "A"), ("1", "7.png", "A")]
    records = read_records(located(rows))
    assert list(records.frame["case_id"]) == ["1", "2", "3", "4"]
    assert dict(zip(records.dropped["case_id"] + records.dropped["file"], records.dropped["reason"], strict=True)) == {
        "55.png": "its label is none of the dataset's classes",
        "17.png": "its case_id stands on an earlier record",
        "6gone.png": "the file is not there",
    }
    assert set(records.dropped["dataset"]) == {"made"}


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (("", "a.png", "A"), ("", "a.png", "B"), CONTRADICTING),
        (("", "a.png", "A"), ("", "a.png", "A"), SAME_FILE),
        (("7", "a.png", "A"), ("7", "a.png", "B"), CONTRADICTING),
        (("7", "a.png", "A"), ("7", "a.png", "A"), SAME_CASE),
        (("7", "a.png", "A"), ("7", "b.png", "B"), SAME_CASE),
        (("7", "a.png", "A"), ("8", "a.png", "A"), None),
        (("7", "a.png", "A"), ("8", "a.png", "B"), None),
        (("7", "a.png", "A"), ("", "", "B"), NO_FILE),
        (("7", "a.png", "A"), (" ", "b.png", "B"), NO_CASE),
        (("7", "a.png", "A"), ("8", "", "B"), MISSING),
        (("7", "a.png", "A"), ("7", "a.png", "X"), UNKNOWN_LABEL),
    ],
)
def test_a_row_that_repeats_another_is_told_of_what_it_repeats(located, first, second, reason):
    """Whoever gives no case ids has paths in their place, as the readers of one's own photographs do."""
    repeated = [(case or file, file, label) for case, file, label in (first, second)]
    records = read_records(located([*ROWS, *repeated]))
    assert list(records.dropped["reason"]) == ([reason] if reason else [])
    assert records.frame.loc[records.frame["file"] == "a.png", "label"].iloc[0] == "A"


def test_classes_without_photographs_are_not_of_the_run(located):
    records = read_records(located(ROWS))
    assert [each.name for each in records.classes] == ["A", "B"]
    assert records.empty == ("C",)


def test_a_class_can_be_left_out(located):
    rows = [*ROWS, ("5", "5.png", "C"), ("6", "6.png", "C")]
    for records in (read_records(located(rows), ("C",)), read_records(located(rows, leave_out=["C"]))):
        assert [each.name for each in records.classes] == ["A", "B"]
        assert set(records.dropped["reason"]) == {"its class is left out, as asked for"}


def test_a_class_with_one_photograph_is_refused(located):
    with pytest.raises(DermError, match=r"Class 'C' of dataset 'made' has one photograph.*--leave-out made:C"):
        read_records(located([*ROWS, ("5", "5.png", "C")]))


def test_one_class_is_too_few(located):
    with pytest.raises(DermError, match=r"has the one class 'A'.*needs two classes"):
        read_records(located(ROWS[:2]))


def test_nothing_usable_tells_why(located):
    with pytest.raises(DermError, match=r"no usable photograph \(4 dropped, most often: its label is none"):
        read_records(located(ROWS, classes=("X", "Y")))


def test_an_unknown_class_to_leave_out_is_named(located):
    with pytest.raises(DermError, match="no class 'D' to leave out"):
        read_records(located(ROWS), ("D",))


def test_a_record_without_a_case_id_is_dropped(located):
    records = read_records(located([*ROWS, ("", "5.png", "A"), ("  ", "6.png", "A")]))
    assert records.dropped["reason"].tolist() == ["it has no case_id"] * 2
    assert records.dropped["file"].tolist() == ["5.png", "6.png"]


def test_a_name_that_no_file_can_have_is_a_file_that_is_not_there(located):
    made = located(ROWS)
    frame = made.spec.records(made.root)
    frame.loc[0, "file"] = "x" * 5000 + ".png"
    frame.loc[1, "file"] = "nul\0.png"
    assert set(read_usable_records(made).dropped["reason"]) == {"the file is not there"}


def test_all_is_read_however_little_there_is(located):
    assert len(read_usable_records(located(ROWS[:1])).frame) == 1
    assert [each.name for each in read_usable_records(located(ROWS[:1])).classes] == ["A", "B", "C"]


def test_values_that_cannot_be_are_missing_and_told(located):
    made = located(ROWS)
    frame = made.spec.records(made.root)
    frame["age"] = [850, 40, 40, 40]
    records = read_records(made)
    assert records.frame["age"].isna().tolist() == [True, False, False, False]
    assert records.refused.to_dict("records") == [{"case_id": "1", "column": "age", "value": "850"}]
