"""A training that can be gone on with: every variable, and how far it was; written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derm_cli.errors import DermError
from derm_cli.files import whole

_MAGIC = b"derm checkpoint 1\n"


@dataclass(frozen=True)
class Position:
    """How far a run is: ``epoch`` epochs of phase ``phase`` of stage ``stage`` are done (stage and phase from 0)."""

    stage: int
    phase: int
    epoch: int


def save(path: Path, position: Position, variables: list[Any]) -> None:
    """Write ``variables`` and ``position`` to ``path``, behind a SHA-256 of all that follows."""
    body = io.BytesIO()
    arrays = {f"v{number:05d}": variable.numpy() for number, variable in enumerate(variables)}
    header = np.frombuffer(json.dumps(asdict(position)).encode(), dtype=np.uint8)
    np.savez(body, position=header, **arrays)
    content = body.getbuffer()
    with whole(path) as temporary, temporary.open("wb") as file:
        file.write(_MAGIC + hashlib.sha256(content).digest())
        file.write(content)


class Checkpoint:
    """A checkpoint that was read: its position, and its variables until they are restored.

    Raises DermError where the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        raw = path.read_bytes()
        start = len(_MAGIC) + hashlib.sha256().digest_size
        if not raw.startswith(_MAGIC) or hashlib.sha256(raw[start:]).digest() != raw[len(_MAGIC) : start]:
            raise DermError(f"The checkpoint '{path}' is damaged: train again from the start.")
        with np.load(io.BytesIO(raw[start:]), allow_pickle=False) as stored:
            self.position = Position(**json.loads(stored["position"].tobytes()))
            self._arrays = [stored[name] for name in sorted(stored.files) if name != "position"]

    def restore(self, variables: list[Any]) -> None:
        """Give ``variables`` their stored values, bit for bit.  Raises DermError where they do not fit."""
        shapes = [tuple(variable.shape) for variable in variables]
        if shapes != [array.shape for array in self._arrays]:
            raise DermError(
                f"The checkpoint '{self._path}' belongs to another network or version: train again from the start."
            )
        for variable, array in zip(variables, self._arrays, strict=True):
            variable.assign(array)
