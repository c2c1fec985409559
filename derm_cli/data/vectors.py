"""A dataset whose photographs are replaced by vectors from a file, which a backbone reads in their place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from derm_cli.data.preprocessing import Pixels, UnreadablePhotograph
from derm_cli.data.records import Records
from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing
from derm_cli.plugin import VectorFile

VECTOR_CONTENT = "vector_sha256"
"""The column of a dataset's records with the SHA-256 of each vector."""
MOST_NAMED = 3


@dataclass(frozen=True)
class Vectors:
    """A file of vectors and where it lies."""

    path: Path
    file: VectorFile

    @property
    def rule(self) -> Preprocessing:
        """The preprocessing of a network that reads them."""
        return Preprocessing(size=self.file.side, vector=self.file.dimensions)

    def in_place_of_file(self, file: str) -> Pixels:
        """Return the square of a photograph that no dataset has.  Raises UnreadablePhotograph where it has none."""
        square = self.file.square("", file)
        if square is None:
            raise UnreadablePhotograph(f"its vector is not in '{self.path}'")
        return square

    def in_place_of(self, records: Records, rows: int) -> tuple[Records, Pixels]:
        """Return the records with the column ``VECTOR_CONTENT``, and a square for each of the ``rows`` of their pack.

        Rows that no record has are black.  Raises DermError, which names some, where cases have no vector.
        """
        side = self.file.side
        squares = np.zeros((max(rows, 1), side, side, 3), dtype=np.uint8)
        contents, missing = [], []
        frame = records.frame
        for case, file, row in zip(frame["case_id"], frame["file"], frame["row"], strict=True):
            square = self.file.square(str(case), str(file))
            if square is None:
                missing.append(str(case))
                continue
            squares[row] = square
            contents.append(hashlib.sha256(square.tobytes()).hexdigest())
        if missing:
            named = "', '".join(missing[:MOST_NAMED]) + ("', …" if len(missing) > MOST_NAMED else "'")
            raise DermError(
                f"'{self.path}' has no vector of {len(missing)} of {len(frame)} photographs of dataset "
                f"'{records.name}', such as '{named}: add them, under their case or the name of their file."
            )
        return replace(records, frame=frame.assign(**{VECTOR_CONTENT: contents})), squares
