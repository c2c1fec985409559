"""What ``derm_predicted`` is told: what was asked, and what was answered to each photograph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from derm_cli.plugin.artefact import ArtefactFacts


@dataclass(frozen=True, kw_only=True)
class PredictedPhotograph:
    """A photograph that was asked about: its ``file`` as the user named it, and what was answered.

    ``prediction`` is the most probable class, ``probabilities`` are those by class, in 0..1; both are None where the
    file could not be read, and ``reason`` says why.  ``answers`` are those that were used beside the photograph, by
    question; None for a model that takes none.
    """

    file: str
    prediction: str | None
    probabilities: Mapping[str, float] | None
    reason: str | None = None
    answers: Mapping[str, float | str] | None = None


@dataclass(frozen=True, kw_only=True)
class PredictionSummary:
    """What was asked: the ``model`` as the user named it, or the id of the run that was taken, and its facts.

    ``files`` are those that were written, tables and maps, as the user named them.  ``answered`` and ``unread`` count
    the photographs.
    """

    model: str
    facts: ArtefactFacts
    answered: int
    unread: int
    files: tuple[Path, ...] = ()
