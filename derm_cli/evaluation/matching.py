"""Brings the names in one predictions table to those of another: of cases and classes that look the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from derm_cli.console import warn
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin.names import known_names, name_key, quoted


def in_names_of(first: Predictions, second: Predictions, names: tuple[str, str]) -> Predictions:
    """Return ``second`` with the cases and classes of ``first`` in the spelling that ``first`` has.

    They are those that look the same (:func:`derm_cli.plugin.names.name_key`), or else, with a warning, the only ones
    that differ in case, hyphens or leading zeros alone.  ``names`` are those of the two tables.
    """
    cases = _spellings(second.case_ids, first.case_ids, "cases", names)
    classes = _spellings(second.classes, first.classes, "classes", names)
    return replace(
        second,
        classes=tuple(classes[name] for name in second.classes),
        case_ids=tuple(cases[case] for case in second.case_ids),
        labels=np.array([classes[name] for name in second.labels.tolist()]),
        predictions=np.array([classes[name] for name in second.predictions.tolist()]),
    )


def same_names(first: Collection[str], second: Collection[str]) -> dict[str, str]:
    """Return those of the ``first`` names, of cases or patients, that are among the ``second``, with their name there.

    They are the same by how they look (:func:`derm_cli.plugin.names.name_key`).
    """
    return known_names(first, second, alike=False)


def _spellings(theirs: Sequence[str], ours: Sequence[str], what: str, tables: tuple[str, str]) -> dict[str, str]:
    """Return for each name of a table what it is called in the other; one that the other has not keeps its own."""
    same = known_names(theirs, ours, alike=False)
    left, taken = [name for name in theirs if name not in same], {*same.values()}
    alike = known_names(left, [name for name in ours if name not in taken])
    found = same | alike
    if len({*found.values()}) < len(found):
        # Two of theirs would be one of ours.
        return dict(zip(theirs, theirs, strict=True))
    differing = [name for name in alike if name_key(name) != name_key(alike[name])]
    if differing:
        name = differing[0]
        warn(
            f"'{tables[1]}' names {what} of '{tables[0]}' with other capitals, hyphens or leading zeros "
            f"({len(differing)}), which are taken for the same: {quoted(name)} for {quoted(alike[name])}"
            f"{' …' if len(differing) > 1 else ''}."
        )
    return {name: found.get(name, name) for name in theirs}
