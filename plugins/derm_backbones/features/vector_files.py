"""Reads files of vectors: NPZ, Parquet or CSV, a vector for each case or file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_backbones.features.coding import LONGEST, side_of, standardised, to_square
from derm_cli.plugin import DermError, read_text_table

NAMES = ("case_id", "file", "image", "name", "id")
"""Columns that tell which photograph a vector is of, the first that is there."""
AGAIN = "make the file anew"


class FileOfVectors:
    """Vectors by the name of a case or a file; each is told as a square.  See ``derm_cli.plugin.VectorFile``."""

    def __init__(self, names: Sequence[str], vectors: npt.NDArray[np.float64]) -> None:
        self.dimensions = vectors.shape[1]
        self.side = side_of(self.dimensions)
        self._vectors = standardised(vectors)
        self._rows = {name: row for row, name in enumerate(names)}

    def square(self, case: str, file: str) -> npt.NDArray[np.uint8] | None:
        """Return the vector of a photograph as a square, uint8 (side, side, 3); None where the file has none.

        It is looked for by its case, its path, the name of its file, and that without the ending.
        """
        path = PurePosixPath(Path(file).as_posix())
        for name in (case, str(path), path.name, path.stem):
            row = self._rows.get(name)
            if row is not None:
                return to_square(self._vectors[row])
        return None


def read_vectors(path: Path) -> FileOfVectors:
    """Read a file of vectors.

    Raises DermError where it is no such file, where names repeat, or where a vector is of another length, is not of
    finite numbers, or has the same number everywhere.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DermError(f"--features is '{path}', but must end in {', '.join(_READERS)}: name a file of vectors.")
    if not path.is_file():
        raise DermError(f"There is no file of vectors '{path}': give the path of one with --features.")
    try:
        names, vectors = reader(path)
    except DermError:
        raise
    # A file that is damaged, or is another's, fails in many ways.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise DermError(f"The vectors in '{path}' cannot be read ({reason}): {AGAIN}.") from error
    return FileOfVectors(names, _checked(path, names, vectors))


def _checked(path: Path, names: Sequence[str], vectors: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Return the vectors as one array, (n, dimensions)."""
    if not len(names):
        raise DermError(f"'{path}' has no vector: {AGAIN}.")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DermError(f"'{path}' has two vectors of '{name}': leave one of them.")
        seen.add(name)
    rows = [np.asarray(each, dtype=np.float64) for each in vectors]
    first = rows[0]
    for name, row in zip(names, rows, strict=True):
        if row.ndim != 1 or row.shape != first.shape:
            raise DermError(
                f"The vector of '{name}' in '{path}' has the shape '{row.shape}', that of '{names[0]}' "
                f"'{first.shape}': they must be of one length, so {AGAIN}."
            )
        if not np.isfinite(row).all():
            index = int(np.argmin(np.isfinite(row)))
            raise DermError(
                f"The vector of '{name}' in '{path}' has '{row[index]}' at place {index + 1}: {AGAIN}, of finite "
                "numbers."
            )
        if np.ptp(row) == 0:
            raise DermError(
                f"The vector of '{name}' in '{path}' is '{row[0]:g}' everywhere and tells nothing: {AGAIN}."
            )
    if len(first) > LONGEST:
        raise DermError(f"The vectors in '{path}' have '{len(first)}' numbers, but must have {LONGEST} or fewer.")
    return np.stack(rows)


def _from_npz(path: Path) -> tuple[list[str], Sequence[Any]]:
    """Read an array of names beside a matrix, or arrays by name."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    texts = [name for name, array in arrays.items() if array.dtype.kind in "US"]
    if not texts:
        return list(arrays), list(arrays.values())
    matrices = [array for array in arrays.values() if array.ndim == 2 and array.dtype.kind in "fiu"]
    if len(texts) != 1 or len(matrices) != 1 or len(matrices[0]) != len(arrays[texts[0]]):
        raise DermError(
            f"'{path}' has the arrays '{', '.join(arrays)}', but must have one of names and a matrix with a row for "
            f"each, or a vector under each name: {AGAIN}."
        )
    return [str(each) for each in arrays[texts[0]]], matrices[0]


def _from_parquet(path: Path) -> tuple[list[str], Sequence[Any]]:
    """Read a column of names beside one of lists, or beside a column for each number."""
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except ImportError as error:
        raise DermError(
            f"'{path}' is Parquet, which needs pyarrow: pip install 'derm-cli[parquet]', or save it as .npz or .csv."
        ) from error
    column = _name_column(path, list(map(str, frame.columns)))
    names, others = frame[column].astype(str).tolist(), frame.drop(columns=column)
    if others.shape[1] == 1:
        return names, others.iloc[:, 0].tolist()
    return names, list(others.to_numpy(dtype=np.float64))


def _from_csv(path: Path) -> tuple[list[str], Sequence[Any]]:
    """Read a column of names beside a column for each number."""
    table = read_text_table(path)
    column = table.header.cells.index(_name_column(path, table.header.cells))
    names, vectors = [], []
    for row in table.rows:
        cells = list(row.cells)
        names.append(cells.pop(column))
        try:
            vectors.append([float(cell) for cell in cells])
        except ValueError as error:
            raise DermError(f"'{path}', line {row.first_line}: {error}, so it is no vector; {AGAIN}.") from error
    return names, vectors


def _name_column(path: Path, columns: list[str]) -> str:
    found = next((name for name in NAMES if name in columns), None)
    if found is None:
        raise DermError(
            f"'{path}' has none of the columns {', '.join(NAMES)}: say in one which photograph a row is of."
        )
    return found


_READERS = {".npz": _from_npz, ".parquet": _from_parquet, ".csv": _from_csv}
