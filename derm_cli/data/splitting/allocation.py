"""Dealing whole groups of records to parts, so that each part comes near its share of every class."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
OPEN = -1
"""The part of a group that is still to be dealt."""
ATTEMPTS = 16


@dataclass(frozen=True)
class GroupCounts:
    """Records in their groups: ``of_record`` (n,) tells each record's group.

    ``names`` (g,) are the groups' own, each the first of its cases in alphabetical order; they are sorted, so that how
    groups are dealt does not depend on the order of a table.  ``counts`` (g, c) has the records of each group in each
    of ``classes``.
    """

    of_record: Places
    names: tuple[str, ...]
    classes: tuple[str, ...]
    counts: Floats

    @classmethod
    def of(cls, labels: Sequence[str], groups: Places, cases: Sequence[str]) -> GroupCounts:
        """Sort records into their ``groups``, (n,), by the labels and the unique names of all of them."""
        classes, codes = np.unique(np.asarray(labels, dtype=np.str_), return_inverse=True)
        first = pd.Series([str(each) for each in cases], dtype=object).groupby(groups).transform("min")
        names, of_record = np.unique(first.to_numpy(dtype=np.str_), return_inverse=True)
        counts = np.zeros((len(names), len(classes)))
        np.add.at(counts, (of_record, codes), 1.0)
        return cls(of_record, tuple(names.tolist()), tuple(classes.tolist()), counts)

    @property
    def weighed(self) -> Floats:
        """The share of each class that a group holds, (g, c): rare classes count as much as common ones."""
        return np.asarray(self.counts / self.counts.sum(axis=0))

    @property
    def spread(self) -> npt.NDArray[np.intp]:
        """The number of groups that hold some of a class, (c,)."""
        return np.asarray((self.counts > 0).sum(axis=0), dtype=np.intp)


@dataclass(frozen=True)
class Allocation:
    """The part of each group, (g,), and ``lacking`` (p, c): where a part has nothing of a class that it needs."""

    parts: Places
    lacking: npt.NDArray[np.bool_]


def allocate(
    deck: GroupCounts, shares: Sequence[float], seed: int, fixed: Places, needed: npt.NDArray[np.bool_] | None = None
) -> Allocation:
    """Deal each group that is ``OPEN`` in ``fixed``, (g,), to one of the parts; the others stay where they are.

    ``shares`` are those of the parts, above 0 and 1 together.  Each group, the largest first and otherwise in an order
    that the seed draws, goes to the part that it brings nearest to its share of every class: the one where the sum of
    the squared distances, weighed by the shares, grows least.  For groups of one record that is the apportionment of
    Webster and Sainte-Lague.  Of several orders the best counts.  Where a part has nothing of a class that it needs,
    by ``needed`` (p, c), by default every part every class, it gets a group that another part can spare.
    """
    weighed, goal = deck.weighed, np.asarray(shares, dtype=float)[:, None]
    needed = np.ones((len(shares), len(deck.classes)), dtype=bool) if needed is None else needed
    loose = np.flatnonzero(fixed == OPEN)
    draws = _draws(deck.names, seed)
    tolerance = np.where(weighed > 0, weighed, np.inf).min(axis=0) / (2 if len(shares) == 2 else 1) + 1e-9
    best: tuple[tuple[int, float], Allocation] | None = None
    for attempt in range(ATTEMPTS):
        order = loose[np.lexsort((draws[loose, attempt], -weighed[loose].sum(axis=1).round(12)))]
        parts = _deal(weighed, shares, fixed, order)
        _repair(weighed, parts, fixed == OPEN, needed)
        held = _held(weighed, parts, len(shares))
        lacking = needed & (held == 0)
        distance = np.abs(held - goal)
        score = int(lacking.sum()), float(distance.sum().round(12))
        if best is None or score < best[0]:
            best = score, Allocation(parts, lacking)
        if not lacking.any() and (distance <= tolerance).all():
            break
    assert best is not None
    return best[1]


def _draws(names: Sequence[str], seed: int) -> npt.NDArray[np.uint64]:
    """Return a number of each group for each attempt, which hangs on nothing but its name and the seed."""
    drawn = [hashlib.shake_128(f"{seed}\n{name}".encode()).digest(8 * ATTEMPTS) for name in names]
    return np.frombuffer(b"".join(drawn), dtype="<u8").reshape(len(names), ATTEMPTS)


def _deal(weighed: Floats, shares: Sequence[float], fixed: Places, order: Places) -> Places:
    parts = fixed.copy()
    held: list[list[float]] = _held(weighed, parts, len(shares)).tolist()
    filled = [sum(each) for each in held]
    groups, classes = np.nonzero(weighed)
    begins = np.searchsorted(groups, np.arange(len(weighed) + 1))
    entries = list(zip(classes.tolist(), weighed[groups, classes].tolist(), strict=True))
    for group in order.tolist():
        own = entries[begins[group] : begins[group + 1]]
        part = min(
            range(len(shares)),
            key=lambda each: (
                round(sum((2 * held[each][place] + share) * share for place, share in own) / shares[each], 12),
                round(filled[each] / shares[each], 12),
            ),
        )
        for place, share in own:
            held[part][place] += share
            filled[part] += share
        parts[group] = part
    return parts


def _repair(weighed: Floats, parts: Places, loose: npt.NDArray[np.bool_], needed: npt.NDArray[np.bool_]) -> None:
    """Give each part that lacks a class the smallest group of it that another part can spare."""
    for place in np.argsort((weighed > 0).sum(axis=0), kind="stable"):
        for part in range(len(needed)):
            having = weighed[:, place] > 0
            if not needed[part, place] or (having & (parts == part)).any():
                continue
            able = [each for each in np.flatnonzero(having & loose) if _spared(weighed, parts, each, needed)]
            if able:
                parts[min(able, key=lambda each: (weighed[each].sum(), each))] = part


def _spared(weighed: Floats, parts: Places, group: np.intp, needed: npt.NDArray[np.bool_]) -> bool:
    """Tell whether the part of a group has another of each class that it needs and that the group holds."""
    part = parts[group]
    held = needed[part] & (weighed[group] > 0)
    others = (weighed[(parts == part)][:, held] > 0).sum(axis=0)
    return bool((others > 1).all())


def _held(weighed: Floats, parts: Places, count: int) -> Floats:
    return np.stack([weighed[parts == part].sum(axis=0) for part in range(count)])
