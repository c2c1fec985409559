"""Forms of simulation."""

import pytest

from benchmarks.coverage.forms import LONG, SHORT, Form, column


def test_the_short_form_is_short_and_columns_tell_photographs() -> None:
    assert Form().sets == SHORT < LONG
    assert [column(each) for each in Form().most] == ["1 a patient", "1–10 a patient", "1–50 a patient"]
    with pytest.raises(AssertionError):
        Form(sets=0)
