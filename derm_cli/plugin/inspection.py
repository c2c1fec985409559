"""What is in an artefact, told as data: for ``derm inspect``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derm_cli.plugin.artefact import ArtefactFacts


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """An input or an output: its name, its type, and its sides, of which one with a name is of any length."""

    name: str
    type: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """All weights of one type: how many arrays, and the bytes that they take in the file."""

    arrays: int
    size: int


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a file has: facts, inputs, outputs, how often each operation stands in it, and weights by their type.

    ``is_sealed`` tells whether a seal, which was checked, is over the whole file.  ``metadata`` are the names of what
    it carries beside the network, with their bytes.
    """

    facts: ArtefactFacts
    is_sealed: bool
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    operations: dict[str, int]
    weights: dict[str, Weights]
    metadata: dict[str, int] = field(default_factory=dict)
