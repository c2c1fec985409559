"""The split of a dataset: by its official split, by folds or by shares, as earlier runs had it and without leaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.console import warn
from derm_cli.data.duplicates import NO_PAIRS, Pairs, pairs_table
from derm_cli.data.records import Records
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.allocation import Allocation, GroupCounts, allocate
from derm_cli.data.splitting.grouping import group_numbers
from derm_cli.data.splitting.leaks import leaks_in, leaks_text
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.data.splitting.ledger_table import empty_ledger, fixed_parts, parts_in_ledger, with_new_parts
from derm_cli.errors import DermError
from derm_cli.plan import Plan

Texts = npt.NDArray[np.object_]
OWN, REST = "own", "rest"


@dataclass(frozen=True)
class Split:
    """The part of each record of a dataset, (n,), in the order of its records.

    ``parts`` are ``train``, ``validation``, ``test``, or empty where a record is in none, for the reason in
    ``reasons``; ``sources`` tells who put it there, ``groups`` what it must stay together with.
    """

    parts: Texts
    sources: Texts
    groups: npt.NDArray[np.intp]
    reasons: Texts


def source_of(plan: Plan, dataset: str) -> str:
    """Return who split a dataset, as split.csv has it: the name of its official split, or ``own`` with the fold."""
    if plan.folds and dataset == plan.target:
        return f"{OWN}, fold {plan.fold} of {plan.folds}"
    return plan.official_split(dataset) or OWN


def split_text(plan: Plan, dataset: str, by: str = "patient, lesion or duplicate") -> str:
    """Return in words what of a dataset is tested on, and what keeps photographs together, which ``by`` names."""
    if plan.folds and dataset == plan.target:
        text = f"fold {plan.fold} of {plan.folds} of {dataset}"
    elif plan.official_split(dataset):
        return f"the test part of {dataset}'s official split: {plan.official_split(dataset)}"
    elif not plan.test_share:
        return f"nobody of {dataset} (--test-share 0)"
    else:
        text = f"{plan.test_share:.0%} of {dataset}"
    return f"{text}, split by {by} (seed {plan.seed_of_split})"


def split_all(
    records: Mapping[str, Records],
    plan: Plan,
    ledgers: SplitLedgers,
    duplicates: Mapping[str, Pairs] | None = None,
) -> dict[str, Split]:
    """Split every dataset by patient, lesion, content and looks, the latter as far as they are known.

    ``duplicates`` has the pairs of each dataset's rows that look the same.  What earlier runs decided is read from
    ``ledgers``, and what is new is put there, but not written.  Warns, once, of the classes that are not validated on.
    Raises DermError, with the cases, where a split would leak, and where a class is too small for it.
    """
    unvalidated: list[str] = []
    splits = {}
    for name, each in records.items():
        splits[name], lacking = split_one(each, plan, ledgers, NO_PAIRS if duplicates is None else duplicates[name])
        if lacking:
            unvalidated.append(f"{', '.join(map(repr, lacking))} of dataset '{name}'")
    if unvalidated:
        warn(
            f"no epoch is judged by class {'; '.join(unvalidated)}: there are too few patients or lesions for a "
            "validation part, so what is not tested on is trained on."
        )
    return splits


def split_one(
    records: Records, plan: Plan, ledgers: SplitLedgers, duplicates: Pairs = NO_PAIRS
) -> tuple[Split, list[str]]:
    """Split one dataset as :func:`split_all` does; return the classes too of which its validation part has nothing."""
    splitter = _Splitter(records, plan, ledgers, duplicates)
    return splitter.split(), splitter.unvalidated


@dataclass
class _Splitter:
    """Splits one dataset; ``unvalidated`` are the classes of which its own validation part has nothing."""

    records: Records
    plan: Plan
    ledgers: SplitLedgers
    duplicates: Pairs
    unvalidated: list[str] = field(default_factory=list)

    @property
    def frame(self) -> pd.DataFrame:
        return self.records.frame

    def split(self) -> Split:
        plan, name, count = self.plan, self.records.name, len(self.frame)
        groups = group_numbers(self.frame, self.duplicates)
        official = plan.official_split(name)
        reasons = np.full(count, "", dtype=object)
        if official:
            parts = self._official_parts()
            reasons[parts == ""] = f"it is in no part of the official split ({official})"
            self._warn_of_untested_classes(parts)
            ledger = f"{name}-official-seed{plan.seed_of_split}"
        elif plan.folds and name == plan.target:
            ledger = f"{name}-seed{plan.seed_of_split}-folds{plan.folds}"
            shares = {str(number + 1): 1 / plan.folds for number in range(plan.folds)}
            folds = self._allocated_parts(np.arange(count), groups, ledger, shares)
            parts = np.where(folds == str(plan.fold), TEST, TRAIN).astype(object)
            ledger = f"{ledger}-fold{plan.fold}"
        elif not plan.test_share:
            ledger = f"{name}-seed{plan.seed_of_split}-test0"
            parts = np.full(count, TRAIN, dtype=object)
        else:
            ledger = f"{name}-seed{plan.seed_of_split}-test{plan.test_share}"
            shares = {REST: 1 - plan.test_share, TEST: plan.test_share}
            parts = self._allocated_parts(np.arange(count), groups, ledger, shares)
            parts = np.where(parts == TEST, TEST, TRAIN).astype(object)
        sources = np.full(count, source_of(plan, name), dtype=object)
        if plan.validation_share and not (parts == VALIDATION).any():
            rest = np.flatnonzero(parts == TRAIN)
            ledger = f"{ledger}-validation{plan.validation_share}"
            shares = {TRAIN: 1 - plan.validation_share, VALIDATION: plan.validation_share}
            parts[rest] = self._allocated_parts(rest, groups, ledger, shares, lenient=True)
            sources[parts == VALIDATION] = OWN
        sources[parts == ""] = ""
        return Split(parts, sources, groups, reasons)

    def _official_parts(self) -> Texts:
        """Return the parts of the official split; without a validation share, its validation part is trained on."""
        frame, name = self.frame, self.records.name
        column = frame["split"].astype(object)
        parts = column.where(column.isin([TRAIN, VALIDATION, TEST]), "").to_numpy(dtype=object, copy=True)
        if not self.plan.validation_share:
            parts[parts == VALIDATION] = TRAIN
        cases = frame.assign(dataset=name, part=parts)[parts != ""]
        leaks = leaks_in(cases, pairs_table(frame.assign(dataset=name), self.duplicates))
        if leaks:
            raise DermError(
                f"The official split of dataset '{name}' ({self.plan.official_split(name)}) leaks: "
                f"{leaks_text(leaks)}. Split it anew with --split own, or take such photographs out."
            )
        return parts

    def _warn_of_untested_classes(self, parts: Texts) -> None:
        if self.records.name != self.plan.target:
            return
        tested = set(self.frame["label"][parts == TEST])
        untested = [f"'{each.name}'" for each in self.records.classes if each.name not in tested]
        if untested:
            warn(
                f"the official split of dataset '{self.records.name}' tests on no photograph of class "
                f"{', '.join(untested)}: --split own would."
            )

    def _allocated_parts(
        self,
        rows: npt.NDArray[np.intp],
        groups: npt.NDArray[np.intp],
        ledger_name: str,
        shares: Mapping[str, float],
        lenient: bool = False,
    ) -> Texts:
        """Return the part of each of ``rows``, with parts of such ``shares``, around what a ledger has.

        With ``lenient`` the last part may lack a class: it then gets some where that is nearer to its share than none.
        """
        frame, names = self.frame.iloc[rows], list(shares)
        cases = frame["case_id"].astype(str).tolist()
        counts = GroupCounts.from_records(frame["label"].tolist(), groups[rows], cases)
        ledger = self.ledgers.read(ledger_name, empty_ledger(), names)
        earlier_parts = parts_in_ledger(ledger, frame)
        fixed = fixed_parts(earlier_parts, names, counts.group_of_record, cases, self.records.name)
        needed = np.ones((len(names), len(counts.classes)), dtype=bool)
        if lenient:
            needed[-1] = (counts.groups_per_class > 1) & (counts.groups_per_class * shares[names[-1]] >= 0.5)
        allocation = allocate(counts, list(shares.values()), self.plan.seed_of_split, fixed, needed)
        if not lenient and allocation.lacking.any():
            is_held = bool((earlier_parts != "").any()) and bool((counts.groups_per_class >= len(names)).all())
            folds = 0 if TEST in names else len(names)
            raise DermError(_unsplittable_message(self.records.name, counts, allocation, folds, is_held))
        parts = np.array(names, dtype=object)[allocation.parts[counts.group_of_record]]
        if lenient:
            has_class = counts.counts[allocation.parts == len(names) - 1].sum(axis=0) > 0
            self.unvalidated = [label for label, has in zip(counts.classes, has_class, strict=True) if not has]
        if "sha256" in frame:
            extended = with_new_parts(ledger, frame, parts)
            if len(extended) > len(ledger):
                self.ledgers.put(ledger_name, extended)
        return parts


def _unsplittable_message(name: str, counts: GroupCounts, allocation: Allocation, folds: int, is_held: bool) -> str:
    """Return why a dataset cannot be split: ``is_held`` tells that the split of earlier runs is in the way."""
    lacking = allocation.lacking.any(axis=0)
    rarest = int(np.where(lacking, counts.groups_per_class, np.iinfo(np.intp).max).argmin())
    label, count, groups = counts.classes[rarest], int(counts.counts[:, rarest].sum()), counts.groups_per_class[rarest]
    belong = "one patient or lesion" if groups == 1 else f"{groups} patients or lesions"
    leave = f"leave the class out with --leave-out {name}:{label}"
    photographs = f"the {count} photographs of class '{label}' belong to {belong}"
    if is_held:
        return (
            f"Dataset '{name}' cannot keep the split of earlier runs, for {photographs}, and a part that they were in "
            f"is left without any: add photographs, begin another split with another --split-seed, or {leave}."
        )
    if folds:
        return f"Dataset '{name}' cannot be split into {folds} folds: {photographs}. Take fewer folds, or {leave}."
    return f"Dataset '{name}' cannot be split without a leak: {photographs}. Add photographs, or {leave}."
