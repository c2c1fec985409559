"""The graph of a study's work: what is shared is done once, right before what waits for it."""

from __future__ import annotations

import time
from collections import OrderedDict

import pytest

from derm_cli.studies.planning.graph import trained_without_sharing, trainings_after, work_units

CHAINS = {"1": ["e", "ed"], "2": ["e", "ep"], "3": ["x"]}


def told(outlines, stored=(), **more):
    return [
        (unit.key, unit.run, unit.until, unit.after, unit.outlines) for unit in work_units(outlines, stored, **more)
    ]


@pytest.mark.parametrize(
    ("outlines", "stored", "expected"),
    [
        # Two chains begin with one stage, which is a unit of its own.
        (
            CHAINS,
            (),
            [
                ("stage-e", "1", 0, (), ("e",)),
                ("1", "1", None, ("stage-e",), ("ed",)),
                ("2", "2", None, ("stage-e",), ("ep",)),
                ("3", "3", None, (), ("x",)),
            ],
        ),
        # What the store has is nobody's work.
        (
            CHAINS,
            ("e", "x"),
            [("1", "1", None, (), ("ed",)), ("2", "2", None, (), ("ep",)), ("3", "3", None, (), ())],
        ),
        # A later stage makes up for the ones before.
        ({"1": ["e", "ed"]}, ("ed",), [("1", "1", None, (), ())]),
        # Trainings whose stages are the same, but not what follows them, as with other views.
        (
            {"1": ["e", "ed"], "2": ["e", "ed"]},
            (),
            [
                ("stage-ed", "1", 1, (), ("e", "ed")),
                ("1", "1", None, ("stage-ed",), ()),
                ("2", "2", None, ("stage-ed",), ()),
            ],
        ),
        # One ends where another goes on.
        (
            {"1": ["e"], "2": ["e", "ed"]},
            (),
            [
                ("stage-e", "1", 0, (), ("e",)),
                ("1", "1", None, ("stage-e",), ()),
                ("2", "2", None, ("stage-e",), ("ed",)),
            ],
        ),
        # Beginnings of beginnings.
        (
            {"1": ["e", "ed", "edp"], "2": ["e", "ed", "edq"], "3": ["e", "ep"]},
            (),
            [
                ("stage-e", "1", 0, (), ("e",)),
                ("stage-ed", "1", 1, ("stage-e",), ("ed",)),
                ("1", "1", None, ("stage-ed",), ("edp",)),
                ("2", "2", None, ("stage-ed",), ("edq",)),
                ("3", "3", None, ("stage-e",), ("ep",)),
            ],
        ),
        # A beginning that one training alone has needs no process of its own.
        ({"1": ["a", "ab", "abc"]}, (), [("1", "1", None, (), ("a", "ab", "abc"))]),
        ({}, (), []),
    ],
)
def test_the_units_of_work(outlines, stored, expected):
    assert told(outlines, stored) == expected


def test_without_a_store_every_training_does_all_of_its_work():
    assert told({"1": ["e", "ed"], "2": ["e"]}, shares=False) == [
        ("1", "1", None, (), ("e", "ed")),
        ("2", "2", None, (), ("e",)),
    ]


def test_no_stage_is_trained_twice_and_none_is_left_out():
    outlines = {str(number): [f"a{number % 2}", f"b{number % 4}", f"c{number % 8}"] for number in range(16)}
    trained = [outline for unit in work_units(outlines) for outline in unit.outlines]
    assert sorted(trained) == sorted({each for of_run in outlines.values() for each in of_run})
    assert trained_without_sharing(outlines) == 48


def test_of_each_beginning_the_trainings_are_known_that_wait_for_it():
    """Also by way of another beginning."""
    outlines = {"1": ["a", "b", "x"], "2": ["a", "b", "y"], "3": ["a", "z"], "4": ["q"]}
    units = work_units(outlines)
    users = trainings_after(units)
    by_outline = {unit.outlines: users[unit.key] for unit in units if unit.is_beginning}
    assert {outlines: sorted(keys) for outlines, keys in by_outline.items()} == {
        ("a",): ["1", "2", "3"],
        ("b",): ["1", "2"],
    }


@pytest.mark.parametrize(
    ("outlines", "stored", "expected"),
    [
        # The reference comes first, which shares nothing; then each beginning with all that wait for it.
        (
            {"1": ["r"], "2": ["e", "e1"], "3": ["h", "h1"], "4": ["e", "e2"], "5": ["h", "h2"]},
            (),
            ["1", "stage-e", "2", "4", "stage-h", "3", "5"],
        ),
        # The reference has a beginning of its own.
        (
            {"1": ["h", "h1"], "2": ["e", "e1"], "3": ["e", "e2"], "4": ["h", "h2"]},
            (),
            ["stage-h", "1", "4", "stage-e", "2", "3"],
        ),
        # Of a beginning of a beginning the users come before the other's other ones.
        (
            {"1": ["a", "ab", "x"], "2": ["a", "y"], "3": ["a", "ab", "z"], "4": ["a", "ac", "u"], "5": ["a", "ac"]},
            (),
            ["stage-a", "stage-ab", "1", "3", "2", "stage-ac", "4", "5"],
        ),
        # What waits for nothing, since the store has what it begins with, has its place by its number.
        ({"1": ["e", "e1"], "2": ["h", "h1"], "3": ["h", "h2"]}, ("e",), ["1", "stage-h", "2", "3"]),
    ],
)
def test_a_beginning_stands_right_before_its_first_user_and_its_users_together(outlines, stored, expected):
    assert [unit.key for unit in work_units(outlines, stored)] == expected


def test_of_each_unit_is_told_which_stage_it_takes_from_the_store():
    outlines = {"1": ["a", "ab", "x"], "2": ["a", "ab", "y"], "3": ["a", "z"], "4": ["q"], "5": ["s"]}
    found = {unit.key: unit.begins_with for unit in work_units(outlines, stored=("s",))}
    assert found == {"stage-a": "", "stage-ab": "a", "1": "ab", "2": "ab", "3": "a", "4": "", "5": "s"}
    assert {unit.begins_with for unit in work_units(outlines, shares=False)} == {""}


def trained_with_a_store_of(places: int, outlines) -> list[str]:
    """Return the stages that are trained, unit by unit, where the store keeps the latest used ones alone."""
    store: OrderedDict[str, None] = OrderedDict()
    trained = []
    for unit in work_units(outlines):
        wanted = outlines[unit.run][: None if unit.until is None else unit.until + 1]
        found = max((index + 1 for index, each in enumerate(wanted) if each in store), default=0)
        for index, outline in enumerate(wanted):
            if index >= found:
                trained.append(outline)
            if index >= found - 1:
                store[outline] = None
                store.move_to_end(outline)
                while len(store) > places:
                    store.popitem(last=False)
    return trained


@pytest.mark.parametrize("b_first", [False, True])
@pytest.mark.parametrize("folds", [1, 3])
def test_a_store_of_two_stages_is_enough_for_chains_one_of_which_goes_on(b_first, folds):
    """As `imagenet,a` and `imagenet,a,b` for each of eight values of another option, of which b may have folds."""
    outlines = {}
    for value in range(8):
        shorter, longer = [f"a{value}"], [[f"a{value}", f"b{value}-{fold}"] for fold in range(folds)]
        for each in (*longer, shorter) if b_first else (shorter, *longer):
            outlines[f"{len(outlines) + 1}"] = each
    trained = trained_with_a_store_of(2, outlines)
    assert sorted(trained) == sorted({each for of_run in outlines.values() for each in of_run})


def test_five_hundred_rows_of_six_trainings_are_ordered_in_no_time():
    outlines = {
        f"{row * 6 + number:04d}": [f"a{row % 5}", f"b{row % 50}-{number % 2}", f"c{row}-{number}"]
        for row in range(500)
        for number in range(6)
    }
    begun = time.process_time()
    assert len(work_units(outlines)) == 3000 + 5 + 100
    # It takes a hundredth of a second; what grows with the square of their number would take many.
    assert time.process_time() - begun < 0.5
