"""Allocation of whole groups of records to parts, so that each part comes near its share of every class."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
UNASSIGNED = -1
"""The part of a group that has none yet."""
ATTEMPTS = 16


@dataclass(frozen=True)
class GroupCounts:
    """How many records of each class each group has: ``counts`` (g, c).

    ``group_of_record`` (n,) has the index of each record's group.  ``names`` (g,) are the groups' own, each the first
    of its cases in alphabetical order; they are sorted, so that the allocation does not depend on the order of a table.
    """

    group_of_record: Indices
    names: tuple[str, ...]
    classes: tuple[str, ...]
    counts: Floats

    @classmethod
    def from_records(cls, labels: Sequence[str], groups: Indices, cases: Sequence[str]) -> GroupCounts:
        """Count records by the numbers of their ``groups``, (n,), their labels and their unique names."""
        classes, class_indices = np.unique(np.asarray(labels, dtype=np.str_), return_inverse=True)
        first_cases = pd.Series([str(each) for each in cases], dtype=object).groupby(groups).transform("min")
        names, group_of_record = np.unique(first_cases.to_numpy(dtype=np.str_), return_inverse=True)
        counts = np.zeros((len(names), len(classes)))
        np.add.at(counts, (group_of_record, class_indices), 1.0)
        return cls(group_of_record, tuple(names.tolist()), tuple(classes.tolist()), counts)

    @property
    def class_shares(self) -> Floats:
        """The share of each class that a group has, (g, c): rare classes count as much as common ones."""
        return np.asarray(self.counts / self.counts.sum(axis=0))

    @property
    def groups_per_class(self) -> npt.NDArray[np.intp]:
        """The number of groups that have some of a class, (c,)."""
        return np.asarray((self.counts > 0).sum(axis=0), dtype=np.intp)


@dataclass(frozen=True)
class Allocation:
    """The part of each group, (g,), and ``lacking`` (p, c): where a part has nothing of a class that it needs."""

    parts: Indices
    lacking: npt.NDArray[np.bool_]


def allocate(
    groups: GroupCounts,
    shares: Sequence[float],
    seed: int,
    fixed: Indices,
    needed: npt.NDArray[np.bool_] | None = None,
) -> Allocation:
    """Assign each group that is ``UNASSIGNED`` in ``fixed``, (g,), to one of the parts; the others stay in theirs.

    ``shares`` are those of the parts, above 0 and 1 together.  Each group, the largest first and otherwise in an order
    that the seed draws, goes to the part that it brings nearest to its share of every class: the one where the sum of
    the squared distances, weighed by the shares, grows least.  For groups of one record that is the apportionment of
    Webster and Sainte-Lague.  Of several orders the best counts.  Where a part has nothing of a class that it needs,
    by ``needed`` (p, c), by default every part every class, it gets a group that another part can spare.
    """
    class_shares, goal = groups.class_shares, np.asarray(shares, dtype=float)[:, None]
    needed = np.ones((len(shares), len(groups.classes)), dtype=bool) if needed is None else needed
    free = np.flatnonzero(fixed == UNASSIGNED)
    random_numbers = _random_numbers(groups.names, seed)
    smallest = np.where(class_shares > 0, class_shares, np.inf).min(axis=0)
    tolerance = smallest / (2 if len(shares) == 2 else 1) + 1e-9
    best: tuple[tuple[int, float], Allocation] | None = None
    for attempt in range(ATTEMPTS):
        order = free[np.lexsort((random_numbers[free, attempt], -class_shares[free].sum(axis=1).round(12)))]
        parts = _assign_greedily(class_shares, shares, fixed, order)
        _supply_lacking_classes(class_shares, parts, fixed == UNASSIGNED, needed)
        totals = _part_totals(class_shares, parts, len(shares))
        lacking = needed & (totals == 0)
        distance = np.abs(totals - goal)
        score = int(lacking.sum()), float(distance.sum().round(12))
        if best is None or score < best[0]:
            best = score, Allocation(parts, lacking)
        if not lacking.any() and (distance <= tolerance).all():
            break
    assert best is not None
    return best[1]


def _random_numbers(names: Sequence[str], seed: int) -> npt.NDArray[np.uint64]:
    """Return a number of each group for each attempt, (g, attempts); it hangs on its name and the seed alone."""
    digests = [hashlib.shake_128(f"{seed}\n{name}".encode()).digest(8 * ATTEMPTS) for name in names]
    return np.frombuffer(b"".join(digests), dtype="<u8").reshape(len(names), ATTEMPTS)


def _assign_greedily(class_shares: Floats, shares: Sequence[float], fixed: Indices, order: Indices) -> Indices:
    """Return the part of each group, (g,), where those in ``order`` go one by one to the part that needs them most."""
    parts = fixed.copy()
    # As lists: numbers taken out of arrays one by one would take most of the time.
    totals: list[list[float]] = _part_totals(class_shares, parts, len(shares)).tolist()
    filled = [sum(each) for each in totals]
    groups, classes = np.nonzero(class_shares)
    starts = np.searchsorted(groups, np.arange(len(class_shares) + 1))
    entries = list(zip(classes.tolist(), class_shares[groups, classes].tolist(), strict=True))
    for group in order.tolist():
        entries_of_group = entries[starts[group] : starts[group + 1]]
        part = min(
            range(len(shares)),
            key=lambda part: (
                round(
                    sum((2 * totals[part][index] + share) * share for index, share in entries_of_group) / shares[part],
                    12,
                ),
                round(filled[part] / shares[part], 12),
            ),
        )
        for class_index, share in entries_of_group:
            totals[part][class_index] += share
            filled[part] += share
        parts[group] = part
    return parts


def _supply_lacking_classes(
    class_shares: Floats, parts: Indices, is_free: npt.NDArray[np.bool_], needed: npt.NDArray[np.bool_]
) -> None:
    """Give each part that lacks a class the smallest group of it that another part can spare."""
    for class_index in np.argsort((class_shares > 0).sum(axis=0), kind="stable"):
        has_class = class_shares[:, class_index] > 0
        for part in range(len(needed)):
            if not needed[part, class_index] or (has_class & (parts == part)).any():
                continue
            spare = [
                group
                for group in np.flatnonzero(has_class & is_free)
                if _can_be_spared(class_shares, parts, group, needed)
            ]
            if spare:
                parts[min(spare, key=lambda group: (class_shares[group].sum(), group))] = part


def _can_be_spared(class_shares: Floats, parts: Indices, group: np.intp, needed: npt.NDArray[np.bool_]) -> bool:
    """Tell whether the part of a group has another of each class that it needs and that the group has."""
    part = parts[group]
    classes = needed[part] & (class_shares[group] > 0)
    groups_in_part = (class_shares[(parts == part)][:, classes] > 0).sum(axis=0)
    return bool((groups_in_part > 1).all())


def _part_totals(class_shares: Floats, parts: Indices, count: int) -> Floats:
    """Return the share of each class that each of ``count`` parts has, (p, c)."""
    return np.stack([class_shares[parts == part].sum(axis=0) for part in range(count)])
