"""A triage threshold as an artefact knows it: what it finds, what it promises, and what it was chosen on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ThresholdFacts:
    """A threshold that refers a lesion whose probabilities of ``classes`` sum to ``threshold`` or more.

    ``find`` are the severities to be found, ``sensitivity`` the share of these for which it was chosen, 0..1, on
    ``cases`` cases of ``groups`` patients, or of what else was kept together.  Its true sensitivity lies between
    ``low`` and ``high``, 95 %.  These four are None where an older derm chose it, which promised nothing.
    """

    find: tuple[str, ...]
    classes: tuple[str, ...]
    sensitivity: float
    threshold: float
    cases: int | None = None
    groups: int | None = None
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values; :meth:`from_json` is the way back."""
        return asdict(self) | {"find": list(self.find), "classes": list(self.classes)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ThresholdFacts:
        """Rebuild the facts.  Raises KeyError or TypeError where they are others."""
        return cls(**{**values, "find": tuple(values["find"]), "classes": tuple(values["classes"])})
