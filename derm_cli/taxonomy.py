"""Diagnoses of the ISIC Archive's hierarchy (package isic-metadata), and which class covers which.

A diagnosis is text, from coarse to fine, joined by colons: ``"Benign:Benign melanocytic proliferations:Nevus"``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from derm_cli.errors import DermError

SEPARATOR = ":"


@dataclass(frozen=True, kw_only=True)
class LesionClass:
    """A class of a dataset: its name, its title, and the diagnoses that it covers.

    ``diagnoses`` are of the ISIC Archive's hierarchy, from coarse to fine, joined by colons, as in
    ``"Benign:Benign melanocytic proliferations:Nevus"``; a class covers each of them and all that lies below it.

    Name and title are each a line of text: artefacts list them one a line.  Raises DermError where one has line breaks,
    of whatever kind, or blanks around it, or is empty.
    """

    name: str
    title: str
    diagnoses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for word, text in (("name", self.name), ("title", self.title)):
            if not isinstance(text, str) or text != text.strip() or len(text.splitlines()) != 1:
                raise DermError(
                    f"The class '{self.name}' has the {word} {text!r}, but must have one that is a line of text "
                    "without blanks around it, for apps read a class from each line: rename it in the dataset."
                )


def lesion_class(values: dict[str, Any]) -> LesionClass:
    """Rebuild a class from its JSON values."""
    return LesionClass(**{**values, "diagnoses": tuple(values["diagnoses"])})


@cache
def known_diagnoses() -> frozenset[str]:
    """Return every diagnosis of the hierarchy, its groups included."""
    from isic_metadata.diagnosis_hierarchical import DiagnosisEnum

    return frozenset(diagnosis.value for diagnosis in DiagnosisEnum)


def lies_within(diagnosis: str, group: str) -> bool:
    """Tell whether ``diagnosis`` is ``group`` itself or lies below it in the hierarchy."""
    return diagnosis == group or diagnosis.startswith(group + SEPARATOR)


def covering_class(classes: Iterable[LesionClass], diagnosis: str) -> str | None:
    """Return the name of the class that covers ``diagnosis``, or None.

    Where several do, the one that names the finest diagnosis wins, so that a class for a diagnosis can stand beside one
    for the rest of its group.
    """
    covering = [
        (covered.count(SEPARATOR), each.name)
        for each in classes
        for covered in each.diagnoses
        if diagnosis and lies_within(diagnosis, covered)
    ]
    return max(covering, key=lambda pair: pair[0])[1] if covering else None


BENIGN, INDETERMINATE, MALIGNANT = "benign", "indeterminate", "malignant"
SEVERITIES = (BENIGN, INDETERMINATE, MALIGNANT)
"""The top of the hierarchy, the harmless first."""


def severity_of(diagnosis: str) -> str | None:
    """Return ``benign``, ``indeterminate`` or ``malignant``, the top of a diagnosis, or None for none of these."""
    top = diagnosis.partition(SEPARATOR)[0].lower()
    return top if top in SEVERITIES else None


def class_severity(each: LesionClass) -> str | None:
    """Return the worst of what a class covers, or None where its diagnoses are not known.

    A class of actinic keratoses and carcinomas in situ is malignant: who falls into it must be seen.
    """
    severities = [severity for diagnosis in each.diagnoses if (severity := severity_of(diagnosis))]
    return max(severities, key=SEVERITIES.index, default=None)


def coarse_diagnosis(each: LesionClass) -> str:
    """Return the group on the hierarchy's second level that a class lies in, its own name where that is not one.

    The second level tells of what tissue a lesion is, as in ``"Benign:Benign melanocytic proliferations"``.
    """
    groups = {SEPARATOR.join(diagnosis.split(SEPARATOR)[:2]) for diagnosis in each.diagnoses}
    return groups.pop() if len(groups) == 1 else each.name
