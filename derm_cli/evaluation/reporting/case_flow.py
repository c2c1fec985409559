"""The case flow of a dataset: from the photographs that its tables list to those that were trained and tested on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FlowPart:
    """A part of the split: how many ``photographs`` of how many ``groups`` are in it, and what they are ``used`` for.

    ``groups`` is None where a run does not know it.
    """

    name: str
    photographs: int
    groups: int | None
    used: str = ""


@dataclass(frozen=True)
class CaseFlow:
    """The photographs of one ``dataset``, as counts: ``listed`` is ``dropped`` by reason and ``kept``, in ``parts``.

    ``unmatched`` of the training part are not trained on, for no class covers them, by reason.
    """

    dataset: str
    dropped: Mapping[str, int]
    parts: Sequence[FlowPart]
    unmatched: Mapping[str, int] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        """The photographs that were split."""
        return sum(part.photographs for part in self.parts)

    @property
    def listed(self) -> int:
        """All photographs that the dataset's tables list."""
        return self.kept + sum(self.dropped.values())
