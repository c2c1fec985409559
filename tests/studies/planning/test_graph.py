"""The graph of a study's work: what is shared is done once, before what waits for it."""

from __future__ import annotations

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
        # Beginnings of beginnings: the one with the most behind it comes first.
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
