"""The contract of a dataset's classes: the ISIC Archive's hierarchy has each diagnosis that they name."""

from __future__ import annotations

from collections.abc import Iterable

from derm_cli.taxonomy import SEPARATOR, LesionClass, known_diagnoses


def diagnosis_fault(classes: Iterable[LesionClass]) -> str:
    """Return which diagnosis of the classes the hierarchy does not have, and the nearest that it has; '' for none.

    Photographs of such a class fall into no class where datasets are merged, and its severity is not known.
    """
    for each in classes:
        for diagnosis in each.diagnoses:
            if diagnosis not in known_diagnoses():
                return f"the class '{each.name}' names a diagnosis: {unknown_diagnosis(diagnosis)}"
    return ""


def unknown_diagnosis(diagnosis: str) -> str:
    """Return the words on a diagnosis that the hierarchy does not have: that it has none, and the nearest."""
    import difflib

    group, _, _ = diagnosis.rpartition(SEPARATOR)
    # Of the same group, where that is one: a part of a name is easier to mistake than what lies above it.
    within = {each for each in known_diagnoses() if each.rpartition(SEPARATOR)[0] == group} or known_diagnoses()
    by_case = {each.casefold(): each for each in within}
    near = [by_case[each] for each in difflib.get_close_matches(diagnosis.casefold(), list(by_case), n=1)]
    hint = f"did you mean '{near[0]}'?" if near else "its places are those of the package isic-metadata"
    return f"the ISIC hierarchy has no place '{diagnosis}'; {hint}"
