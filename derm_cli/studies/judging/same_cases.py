"""Whether the trainings of a row were judged on the cases that their one split has: each case once for each seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derm_cli.errors import one_line
from derm_cli.studies.judging.same_data import Answered


def cases_apart(seeds: Mapping[int, Sequence[Answered]], study: str, *, of_one_split: bool) -> str:
    """Return by what the trainings of a row, by seed, have cases that are not those of one split, and what to do.

    It is '' where no case is in two folds of a seed, and, ``of_one_split``, where all seeds have the same cases.
    """
    runs_of_seeds = {}
    for seed, folds in seeds.items():
        runs: dict[str, str] = {}
        for each in folds:
            for case in each.table.case_ids:
                if case in runs:
                    return (
                        f"case '{one_line(case)}' is tested on in two folds of seed {seed}, which were split "
                        f"differently: {_remove(runs[case], each.run.id, study)}"
                    )
            runs |= dict.fromkeys(each.table.case_ids, each.run.id)
        runs_of_seeds[seed] = runs
    (first, cases), *others = runs_of_seeds.items()
    for seed, other in others if of_one_split else ():
        differing = sorted(cases.keys() ^ other.keys())
        if differing:
            return (
                f"seeds {first} and {seed} were judged on different cases ('{one_line(differing[0])}' is one of "
                f"{len(differing)} that only one of both has), though they have one split: "
                f"{_remove(seeds[first][0].run.id, seeds[seed][0].run.id, study)}"
            )
    return ""


def _remove(one: str, other: str, study: str) -> str:
    return (
        f"remove the older of {one} and {other} with 'derm runs remove', and 'derm study resume {study}' trains it "
        "with the split that is there now"
    )
