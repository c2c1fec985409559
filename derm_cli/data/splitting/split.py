"""The part of each record: of an official split, of a fold, of a share, or as a run or earlier ones had it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.console import warn
from derm_cli.data.records import Records
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.allocation import Allocation, GroupCounts, allocate
from derm_cli.data.splitting.grouping import NO_PAIRS, Pairs, groups_of
from derm_cli.data.splitting.leaks import leaks_in, some
from derm_cli.data.splitting.ledger import Ledgers
from derm_cli.data.splitting.ledger_table import held_to, learnt, nothing, recalled
from derm_cli.errors import DermError
from derm_cli.plan import Plan

Texts = npt.NDArray[np.object_]
OWN, REST = "own", "rest"


@dataclass(frozen=True)
class Split:
    """Where each record of a dataset is, (n,), in the order of its records.

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


def split_text(plan: Plan, dataset: str) -> str:
    """Return in words what of a dataset is tested on."""
    if plan.folds and dataset == plan.target:
        said = f"fold {plan.fold} of {plan.folds} of {dataset}"
    elif plan.official_split(dataset):
        return f"the test part of {dataset}'s official split: {plan.official_split(dataset)}"
    else:
        said = f"{plan.test_share:.0%} of {dataset}"
    return f"{said}, split by patient, lesion or duplicate (seed {plan.seed})"


def split_all(
    records: Mapping[str, Records],
    plan: Plan,
    ledgers: Ledgers,
    alike: Mapping[str, Pairs] | None = None,
) -> dict[str, Split]:
    """Split every dataset by patient, lesion, content and looks, the latter as far as they are known.

    ``alike`` has the pairs of each dataset's rows that look the same.  What earlier runs decided is read from
    ``ledgers``, and what is new is noted there, but not written.  Warns, once, of the classes that are not validated
    on.  Raises DermError, with the cases, where a split would leak, and where a class is too small for it.
    """
    unseen: list[str] = []
    found = {}
    for name, each in records.items():
        dealer = _Splitter(each, plan, ledgers, NO_PAIRS if alike is None else alike[name])
        found[name] = dealer.split()
        if dealer.unseen:
            unseen.append(f"{', '.join(repr(label) for label in dealer.unseen)} of dataset '{name}'")
    if unseen:
        warn(
            f"no epoch is judged by class {'; '.join(unseen)}: there are too few patients or lesions for a validation "
            "part, so what is not tested on is trained on."
        )
    return found


def replay_split(records: Records, frozen: pd.DataFrame, dropped: pd.DataFrame, run: str) -> Split:
    """Split a dataset as the run ``run`` has it in its split.csv, ``frozen``; what was not in it is in no part.

    ``dropped`` is the run's dropped.csv, with the reasons.
    """
    frame = records.frame
    ours = frozen[frozen["dataset"] == records.name]
    parts = recalled(ours[["sha256", "case_id", "part"]], frame)
    by_case = ours.set_index("case_id")["source"].to_dict() if "source" in ours else {}
    why = dropped[dropped["dataset"] == records.name].drop_duplicates("case_id").set_index("case_id")["reason"]
    cases = frame["case_id"].astype(str)
    reasons = np.array([why.get(case, f"it is not in the split of run '{run}'") for case in cases], dtype=object)
    sources = np.array([by_case.get(case, "") for case in cases], dtype=object)
    reasons[parts != ""] = ""
    return Split(parts, sources, groups_of(frame), reasons)


@dataclass
class _Splitter:
    """Splits one dataset."""

    records: Records
    plan: Plan
    ledgers: Ledgers
    alike: Pairs
    unseen: list[str] = field(default_factory=list)

    @property
    def frame(self) -> pd.DataFrame:
        return self.records.frame

    def split(self) -> Split:
        plan, name, count = self.plan, self.records.name, len(self.frame)
        groups = groups_of(self.frame, self.alike)
        official = plan.official_split(name)
        reasons = np.full(count, "", dtype=object)
        if official:
            parts = self._official()
            reasons[parts == ""] = f"it is in no part of the official split ({official})"
            self._tell_of_untested(parts)
            ledger = f"{name}-official-seed{plan.seed}"
        elif plan.folds and name == plan.target:
            ledger = f"{name}-seed{plan.seed}-folds{plan.folds}"
            shares = {str(number + 1): 1 / plan.folds for number in range(plan.folds)}
            folds = self._dealt(np.arange(count), groups, ledger, shares)
            parts = np.where(folds == str(plan.fold), TEST, TRAIN).astype(object)
            ledger = f"{ledger}-fold{plan.fold}"
        else:
            ledger = f"{name}-seed{plan.seed}-test{plan.test_share}"
            shares = {REST: 1 - plan.test_share, TEST: plan.test_share}
            parts = self._dealt(np.arange(count), groups, ledger, shares)
            parts = np.where(parts == TEST, TEST, TRAIN).astype(object)
        sources = np.full(count, source_of(plan, name), dtype=object)
        if plan.validation_share and not (parts == VALIDATION).any():
            rest = np.flatnonzero(parts == TRAIN)
            ledger = f"{ledger}-validation{plan.validation_share}"
            shares = {TRAIN: 1 - plan.validation_share, VALIDATION: plan.validation_share}
            parts[rest] = self._dealt(rest, groups, ledger, shares, lenient=True)
            sources[parts == VALIDATION] = OWN
        sources[parts == ""] = ""
        return Split(parts, sources, groups, reasons)

    def _official(self) -> Texts:
        """Return the parts of the official split; without a validation share, its validation part is trained on."""
        frame, name = self.frame, self.records.name
        written = frame["split"].astype(object)
        parts = written.where(written.isin([TRAIN, VALIDATION, TEST]), "").to_numpy(dtype=object, copy=True)
        if not self.plan.validation_share:
            parts[parts == VALIDATION] = TRAIN
        cases = frame.assign(dataset=name, part=parts)[parts != ""]
        leaks = leaks_in(cases, pairs_of(frame.assign(dataset=name), self.alike))
        if leaks:
            raise DermError(
                f"The official split of dataset '{name}' ({self.plan.official_split(name)}) leaks: {some(leaks)}. "
                "Split it anew with --split own, or take such photographs out."
            )
        return parts

    def _tell_of_untested(self, parts: Texts) -> None:
        if self.records.name != self.plan.target:
            return
        tested = set(self.frame["label"][parts == TEST])
        untested = [f"'{each.name}'" for each in self.records.classes if each.name not in tested]
        if untested:
            warn(
                f"the official split of dataset '{self.records.name}' tests on no photograph of class "
                f"{', '.join(untested)}: --split own would."
            )

    def _dealt(
        self,
        rows: npt.NDArray[np.intp],
        groups: npt.NDArray[np.intp],
        ledger: str,
        shares: Mapping[str, float],
        lenient: bool = False,
    ) -> Texts:
        """Deal ``rows`` to parts of such ``shares``, around what a ledger has.

        With ``lenient`` the last part may lack a class: it then gets some where that is nearer to its share than none.
        """
        frame, names = self.frame.iloc[rows], list(shares)
        deck = GroupCounts.of(frame["label"].tolist(), groups[rows], frame["case_id"].astype(str).tolist())
        memory = self.ledgers.read(ledger, nothing(), names)
        known = recalled(memory, frame)
        fixed = held_to(known, names, deck.of_record, frame["case_id"].tolist(), self.records.name)
        needed = np.ones((len(names), len(deck.classes)), dtype=bool)
        if lenient:
            needed[-1] = (deck.spread > 1) & (deck.spread * shares[names[-1]] >= 0.5)
        dealt = allocate(deck, list(shares.values()), self.plan.seed, fixed, needed)
        if not lenient and dealt.lacking.any():
            held = bool((known != "").any()) and bool((deck.spread >= len(names)).all())
            folds = 0 if TEST in names else len(names)
            raise DermError(_unsplittable(self.records.name, deck, dealt, folds, held))
        parts = np.array(names, dtype=object)[dealt.parts[deck.of_record]]
        if lenient:
            there = deck.counts[dealt.parts == len(names) - 1].sum(axis=0) > 0
            self.unseen = [label for label, seen in zip(deck.classes, there, strict=True) if not seen]
        if "sha256" in frame:
            after = learnt(memory, frame, parts)
            if len(after) > len(memory):
                self.ledgers.note(ledger, after)
        return parts


def pairs_of(frame: pd.DataFrame, alike: Pairs) -> pd.DataFrame:
    """Return pairs of rows by name: dataset, case_id, other_dataset, other_case_id."""
    one, other = (frame.iloc[alike[:, side]][["dataset", "case_id"]].reset_index(drop=True) for side in (0, 1))
    return pd.concat([one, other.rename(columns="other_{}".format)], axis=1)


def _unsplittable(name: str, deck: GroupCounts, dealt: Allocation, folds: int, held: bool) -> str:
    lacking = dealt.lacking.any(axis=0)
    rarest = int(np.where(lacking, deck.spread, np.iinfo(np.intp).max).argmin())
    label, count, spread = deck.classes[rarest], int(deck.counts[:, rarest].sum()), int(deck.spread[rarest])
    belong = "one patient or lesion" if spread == 1 else f"{spread} patients or lesions"
    leave = f"leave the class out with --leave-out {name}:{label}"
    photographs = f"the {count} photographs of class '{label}' belong to {belong}"
    if held:
        return (
            f"Dataset '{name}' cannot keep the split of earlier runs, for {photographs}, and a part that they were in "
            f"is left without any: add photographs, begin another split with another --seed, or {leave}."
        )
    if folds:
        return f"Dataset '{name}' cannot be split into {folds} folds: {photographs}. Take fewer folds, or {leave}."
    return f"Dataset '{name}' cannot be split without a leak: {photographs}. Add photographs, or {leave}."
