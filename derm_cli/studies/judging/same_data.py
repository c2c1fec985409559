"""Whether trainings are of the same data: the datasets of their runs by hash, and the labels of what they answered.

A run records a hash of each dataset that it was trained on.  It covers the cases, their labels and the contents of
their files, and those masks, vectors and answers that the training reads.  So two runs are held against each other in
the datasets that both have and read in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derm_cli.errors import one_line
from derm_cli.evaluation.predictions import Predictions
from derm_cli.runs.folder import RunFolder


@dataclass(frozen=True)
class Answered:
    """A finished run, and what it answered on the part that is judged."""

    run: RunFolder
    table: Predictions


def difference_within(row: Sequence[Answered], study: str) -> str:
    """Return by what the trainings of one row are not of the same data, and what to do; '' where they are."""
    return _difference(row, row, "its trainings are not of the same data", study)


def difference_between(reference: Sequence[Answered], row: Sequence[Answered], name: str, study: str) -> str:
    """Return by what a row was trained on other data than the reference of this ``name``, and what to do, or ''."""
    return _difference(reference, row, f"trained on other data than the reference '{one_line(name)}'", study)


def _difference(first: Sequence[Answered], second: Sequence[Answered], said: str, study: str) -> str:
    found = _by_hash(first, second) or _by_label(first, second)
    if not found:
        return ""
    what, runs = found
    return (
        f"{said}: {what}; remove the older of {' and '.join(runs)} with 'derm runs remove', and 'derm study resume "
        f"{study}' trains it on what is there now"
    )


def _by_hash(first: Sequence[Answered], second: Sequence[Answered]) -> tuple[str, tuple[str, str]] | None:
    """Return what is said of the first dataset that differs, and the ids of the two runs; None where none does."""
    known: dict[tuple[Any, ...], tuple[str, str]] = {}
    for each in first:
        for key, digest in _datasets(each.run).items():
            known.setdefault(key, (digest, each.run.id))
    for each in second:
        for key, digest in _datasets(each.run).items():
            digest_of_first, run = known.get(key, (digest, each.run.id))
            if digest_of_first != digest:
                return f"dataset '{key[0]}' was another for run {each.run.id} than for {run}", (run, each.run.id)
    return None


def _datasets(run: RunFolder) -> Mapping[tuple[Any, ...], str]:
    """Return the hash of each dataset that a run was trained on, by its name and by what tells how it was read."""
    record = run.record
    request = record.request
    chain = request.get("chain") or [""]
    target = request.get("target") or chain[-1]
    left_out = request.get("leave_out") or []
    return {
        (
            name,
            request.get("crop"),
            request.get("features"),
            request.get("metadata") if name == target else None,
            tuple(sorted(each for each in left_out if each.startswith(f"{name}:"))),
        ): digest
        for name, digest in record.data.items()
    }


def _by_label(first: Sequence[Answered], second: Sequence[Answered]) -> tuple[str, tuple[str, str]] | None:
    """Return what is said of the first case whose label differs, and the ids of the two runs; None where none does.

    Where classes differ, labels do by what was asked for.
    """
    known: dict[str, tuple[str, str]] = {}
    for each in first:
        for case, label in zip(each.table.case_ids, each.table.labels.tolist(), strict=True):
            known.setdefault(case, (label, each.run.id))
    classes = {frozenset(each.table.classes) for each in (*first, *second)}
    if len(classes) > 1:
        return None
    for each in second:
        for case, label in zip(each.table.case_ids, each.table.labels.tolist(), strict=True):
            label_of_first, run = known.get(case, (label, each.run.id))
            if label_of_first != label:
                return (
                    f"case '{case}' is '{label}' for run {each.run.id}, but '{label_of_first}' for {run}",
                    (run, each.run.id),
                )
    return None
