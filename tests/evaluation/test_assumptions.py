"""What is assumed beside a table, as people write it."""

import pytest

from derm_cli.errors import RequestError
from derm_cli.evaluation.assumptions import Assumptions, check_prevalences, mistake_of


def test_they_are_read() -> None:
    found = Assumptions.of(["MEL=0.02", "a=b=.5"], ["MEL:NEV=20", "MEL=3"], 0.95)
    assert found == Assumptions({"MEL": 0.02, "a=b": 0.5}, {"MEL:NEV": 20.0, "MEL": 3.0}, 0.95)


@pytest.mark.parametrize(
    ("prevalences", "costs", "said"),
    [
        (["MEL"], [], r"--prevalence is 'MEL', but must be as in --prevalence MEL=0\.02, with a number above 0"),
        (["MEL=2%"], [], "--prevalence is 'MEL=2%'"),
        (["=0.5"], [], "--prevalence is '=0.5'"),
        (["MEL=nan"], [], "--prevalence is 'MEL=nan'"),
        (["MEL=0"], [], "--prevalence is 'MEL=0', but must be above 0 and below 1"),
        (["MEL=2"], [], "--prevalence is 'MEL=2', but must be above 0 and below 1"),
        (["MEL=0.1", "MEL=0.2"], [], "--prevalence names 'MEL' twice"),
        ([], ["MEL:NEV"], "--cost is 'MEL:NEV', but must be as in --cost MEL:NEV=20"),
        ([], ["MEL=-1"], "--cost is 'MEL=-1', but must be 0 or more"),
        ([], ["MEL=inf"], "--cost is 'MEL=inf', but must be 0 or more"),
        ([], ["MEL=1", "MEL=2"], "--cost names 'MEL' twice"),
    ],
)
def test_what_is_none_is_refused(prevalences: list[str], costs: list[str], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        Assumptions.of(prevalences, costs)


@pytest.mark.parametrize(
    ("name", "severity_known", "said"),
    [
        ("MELL", True, r"--prevalence names 'MELL', which is no class and not 'malignant'\. .*MEL"),
        ("malignant", False, r"--prevalence names 'malignant', but of no class .* give --classes-of"),
        ("malignant", True, None),
        ("MEL", False, None),
    ],
)
def test_prevalences_are_of_classes_or_of_malignant(name: str, severity_known: bool, said: str | None) -> None:
    if said is None:
        check_prevalences({name: 0.1}, ("MEL", "NEV"), severity_known=severity_known)
        return
    with pytest.raises(RequestError, match=said):
        check_prevalences({name: 0.1}, ("MEL", "NEV"), severity_known=severity_known)


def test_costs_are_of_classes() -> None:
    assert mistake_of("MEL", ("MEL", "NEV")) == (0, None)
    assert mistake_of("NEV:MEL", ("MEL", "NEV")) == (1, 0)
    with pytest.raises(RequestError, match=r"--cost names 'MEL:XXX'.*'XXX' is none"):
        mistake_of("MEL:XXX", ("MEL", "NEV"))
