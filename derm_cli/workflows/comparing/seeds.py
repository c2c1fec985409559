"""Runs that differ by their seed alone: what chance in a training does to its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derm_cli.errors import DermError
from derm_cli.plan import Execution
from derm_cli.runs.folder import RunFolder


def seed_groups(runs: Mapping[str, RunFolder]) -> tuple[tuple[str, ...], ...]:
    """Return the names of runs, two or more together, whose plans differ by nothing but the seed, on the same data.

    Those of one group have one test part: one split, or the target's official one.  How a training is computed does not
    count.  A run whose plan cannot be read is of no group.
    """
    groups: dict[str, list[str]] = {}
    seeds: dict[str, set[int]] = {}
    for name, run in runs.items():
        try:
            plan, data = run.plan, run.record.data
        except DermError:
            continue
        is_official = bool(plan.official_split(plan.target))
        of_split = replace(plan, seed=0, split_seed=0 if is_official else plan.seed_of_split, execution=Execution())
        key = f"{of_split.fingerprint()} {sorted(data.items())}"
        if plan.seed not in seeds.setdefault(key, set()):
            groups.setdefault(key, []).append(name)
            seeds[key].add(plan.seed)
    return tuple(tuple(names) for names in groups.values() if len(names) > 1)
