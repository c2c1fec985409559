import pytest

from derm_cli.errors import DermError, RequestError, did_you_mean


def test_near_names_are_offered():
    assert did_you_mean("edraa", ["dermofit", "edra"]) == " Did you mean 'edra'?"


def test_far_names_list_what_there_is():
    assert did_you_mean("zzz", ["b", "a"]) == " Known: a, b."


def test_nothing_to_choose_from_says_nothing():
    assert did_you_mean("zzz", []) == ""


def test_exit_statuses():
    assert (DermError.exit_status, RequestError.exit_status) == (1, 2)


def test_names_in_capitals_are_near_as_well():
    assert did_you_mean("MELL", ["MEL", "NEV"]) == " Did you mean 'MEL'?"
    assert did_you_mean("mell", ["MEL", "NEV"]) == " Did you mean 'MEL'?"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("'a\nb' is not there", "'a\\nb' is not there"),
        ("'\x1b[2J\x9b\u202e\r' is not there", "'\\x1b[2J\\x9b\\u202e\\r' is not there"),
        ("'x' is not there; its layout:\n    a\n    b", "'x' is not there; its layout:\n    a\n    b"),
        ("ends\n", "ends\\n"),
    ],
)
def test_what_an_error_quotes_begins_no_line_and_commands_no_terminal(sentence, shown):
    assert str(DermError(sentence)) == shown
