"""Lesions are told apart by numbers within their patients, where that says more than the patients do."""

from __future__ import annotations

import pytest

from derm_cli.workflows.evaluating.lesions import lesion_numbers


@pytest.mark.parametrize(
    ("groups", "lesions", "numbers"),
    [
        ("ppppq", ["x", "x", "y", "", "x"], ["1", "1", "2", "", "1"]),
        ("ppqq", ["x", "x", "y", "y"], None),  # lesions are patients
        ("ppqq", ["x", "y", "x", "y"], None),  # no lesion has two; those of others are others
        ("pp", ["", ""], None),
        ("ppp", ["x", "x", ""], ["1", "1", ""]),
        ("", [], None),
    ],
)
def test_numbers(groups: str, lesions: list[str], numbers: list[str] | None) -> None:
    found = lesion_numbers(list(groups), lesions)
    assert (found if found is None else found.tolist()) == numbers
