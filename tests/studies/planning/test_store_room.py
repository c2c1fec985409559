"""Whether the store has room for the stages that a study must keep at once."""

from __future__ import annotations

import pytest

from derm_cli.studies.planning.graph import work_units
from derm_cli.studies.planning.store_room import bytes_kept_at_once, warn_of_small_store


@pytest.mark.parametrize(
    ("chains", "stored", "workers", "expected"),
    [
        # Nothing is shared.
        ("a b", "", 1, 0),
        ("ax bx", "", 4, 0),
        # What is shared, and what its user stores beside.
        ("ax ay", "", 1, 2),
        ("ax ay", "", 2, 3),
        # One after another, whatever their number.
        ("ax ay bx by cx cy", "", 1, 2),
        # The second worker trains the next beginning meanwhile, and both then what waits for the first.
        ("ax ay bx by", "", 2, 4),
        # A beginning of a beginning, while the first one's other users wait.
        ("abx aby az", "", 1, 3),
        ("az abx aby", "", 1, 2),
        # Where both are in the store.
        ("ax ay", "a", 1, 2),
        ("ax bx", "a b", 1, 3),
        # A training that stores nothing of its own.
        ("a ax", "", 1, 2),
        # Nothing is left to do.
        ("ax", "ax", 1, 1),
    ],
)
def test_as_many_are_kept_as_wait_for_their_users_and_one_that_is_being_stored(chains, stored, workers, expected):
    outlines = {
        f"{number}": [chain[: end + 1] for end in range(len(chain))] for number, chain in enumerate(chains.split())
    }
    sizes = {each: 10 for of_run in outlines.values() for each in of_run}
    units = work_units(outlines, stored.split())
    assert bytes_kept_at_once(units, sizes, workers) == 10 * expected


def test_stages_have_their_own_sizes():
    outlines = {"1": ["a", "ax"], "2": ["a", "ay"]}
    assert bytes_kept_at_once(work_units(outlines), {"a": 5, "ax": 7, "ay": 9}) == 5 + 9
    assert bytes_kept_at_once([], {}) == 0


@pytest.mark.parametrize(
    ("needed", "limit", "said"),
    [
        (10**9, 10**9, ""),
        (0, 0, ""),
        (
            129_000_000,
            100_000_000,
            "take about 129.0 MB, but the store of stages may have 100.0 MB: what is shared will be trained again and "
            "again; set 'cache_limit' to '160.0 MB' or more.",
        ),
        (33_123_456_789, 20 * 10**9, "take about 33.1 GB, but the store of stages may have 20.0 GB"),
        (33_123_456_789, 20 * 10**9, "set 'cache_limit' to '40.0 GB' or more."),
        (4, 1, "take about 4 bytes, but the store of stages may have 1 bytes"),
    ],
)
def test_one_warning_has_both_sizes_and_what_to_set(needed, limit, said, capsys):
    warn_of_small_store(needed, limit)
    told = capsys.readouterr().err
    assert told.count("Warning") == bool(said)
    assert said in told
