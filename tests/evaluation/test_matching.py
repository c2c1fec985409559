"""Names of cases and classes in two tables that look the same are the same; what is not obvious is told."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.matching import in_names_of, same_names
from derm_cli.evaluation.predictions import Predictions


def table(cases: list[str], labels: list[str]) -> Predictions:
    return Predictions(tuple(dict.fromkeys(labels)), tuple(cases), np.array(labels), np.array(labels[::-1]), None)


def names(predictions: Predictions) -> tuple[list[str], list[str], list[str], list[str]]:
    return (
        *(list(predictions.case_ids), list(predictions.classes)),
        *(predictions.labels.tolist(), predictions.predictions.tolist()),
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (["a", "b"], ["a", "b"], 0),
        # The same by how they look: blanks of every kind, Unicode form, invisible characters, whole numbers.
        (["nv", "mel"], ["nv ", "\u00a0mel"], 0),
        (["nv ", "mel"], ["nv", "mel"], 0),
        (["n\u00e6vus \u00e9", "b"], ["n\u00e6vus e\u0301", "b"], 0),
        (["nv", "mel"], ["n\u200bv", "\ufeffmel"], 0),
        (["1", "2"], ["1.0", "2.0"], 0),
        # Not obvious: told of.
        (["NV", "mel"], ["nv", "Mel"], 1),
        (["basal cell", "b"], ["basal-cell", "b"], 1),
        (["01", "02"], ["1", "2"], 1),
        (["a.jpg", "b.jpg"], ["a.JPG", "b.JPG"], 1),
    ],
)
def test_names_that_look_the_same_are_those_of_the_first(ours, theirs, told, capsys):
    first, second = table(ours, ours), table(theirs, theirs)
    assert names(in_names_of(first, second, ("one", "two"))) == names(first)
    said = capsys.readouterr().err
    # Of cases and of classes.
    assert said.count("are taken for the same") == 2 * told
    assert ("'two'" in said) == bool(told)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(["a", "b"], ["a", "c"]), (["NV", "nv"], ["Nv", "x"]), (["nv", "x"], ["NV", "Nv"])]
)
def test_other_names_and_those_that_could_be_two_stay(ours, theirs, capsys):
    second = table(theirs, theirs)
    assert names(in_names_of(table(ours, ours), second, ("one", "two"))) == names(second)
    assert not capsys.readouterr().err


def test_names_in_common_are_found_by_how_they_look():
    assert same_names(["a ", "1", "X"], ["a", "1.0", "x"]) == {"a ": "a", "1": "1.0"}
