"""What the loaders share: a folder's files in whatever case, tables as spreadsheets write them, one error for both."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DermError
from derm_datasets.metadata_values import READERS, understood

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    import pandas as pd

    from derm_cli.plugin import DatasetSpec, LesionClass


def layout_error(spec: DatasetSpec, problem: str) -> DermError:
    """Return the error for a folder without the dataset's layout; ``problem`` quotes the path in question."""
    layout = "\n".join(f"    {line.strip()}" for line in spec.layout.splitlines())
    get = f"'derm data download {spec.name}' gets it, or " if spec.downloads else ""
    return DermError(
        f"Dataset '{spec.name}': {problem}; {get}{spec.obtain} ({spec.homepage}; licence: {spec.licence}) and keep its "
        f"layout:\n{layout}"
    )


class Files:
    """The files of a dataset's folder, listed once, to be found in whatever case they are written.

    Hidden files and folders are left out.  Raises DermError where the folder is not there, is empty or cannot be read.
    """

    def __init__(self, spec: DatasetSpec, root: Path) -> None:
        if not root.exists():
            raise layout_error(spec, f"the folder '{root}' is not there")
        if not root.is_dir():
            raise layout_error(spec, f"'{root}' is a file where a folder is expected")
        self.spec, self.root = spec, root
        self.paths = sorted(self._walk())
        if not self.paths:
            raise layout_error(spec, f"the folder '{root}' is empty")
        self._by_path = {path.casefold(): path for path in self.paths}
        self._by_name = {path.rpartition("/")[2].casefold(): path for path in reversed(self.paths)}

    def _walk(self) -> Iterable[str]:
        def refuse(error: OSError) -> None:
            raise layout_error(self.spec, f"'{error.filename}' cannot be read ({error.strerror})") from error

        seen = set()
        for folder, folders, files in os.walk(self.root, followlinks=True, onerror=refuse):
            real = os.path.realpath(folder)
            # A link to a folder above would never end.
            folders[:] = [] if real in seen else [each for each in folders if not _hidden(each)]
            if real not in seen:
                within = Path(folder).relative_to(self.root)
                yield from ((within / name).as_posix() for name in files if not _hidden(name))
            seen.add(real)

    def at(self, path: str) -> str:
        """Return ``path`` (with slashes of either kind) as it is written on disk, or as given if nowhere.

        It is relative to the folder, or names it from the root of the file system.
        """
        wanted = path.replace("\\", "/").removeprefix("./").removeprefix(f"{self.root.absolute().as_posix()}/")
        return self._by_path.get(wanted.casefold(), wanted)

    def has(self, path: str) -> bool:
        """Tell whether there is a file ``path``, in whatever case."""
        return path.casefold() in self._by_path

    def find(self, name: str, expected: str = "") -> str | None:
        """Return the path ``expected`` where it is there, else that of the file ``name`` in any folder, else None."""
        return self._by_path.get(expected.casefold()) or self._by_name.get(name.casefold())

    def named(self, name: str, expected: str) -> str:
        """Return the path of the file ``name`` in any folder, or else the path ``expected``, which goes first."""
        return self.find(name, expected) or expected

    def first(self, *paths: str) -> Path:
        """Return the first of ``paths`` that is there.  Raises DermError naming the first of all if none is."""
        for path in paths:
            if self.has(path):
                return self.root / self.at(path)
        raise layout_error(self.spec, f"'{self.root / paths[0]}' is not there")

    def text(self, path: Path) -> str:
        """Return the text of the file ``path``, without a byte order mark.  Raises DermError where it is no UTF-8."""
        # A pipe would be waited for, and never end.
        if path.exists() and not path.is_file():
            raise layout_error(self.spec, f"'{path}' is no file")
        try:
            return path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise layout_error(self.spec, f"'{path}' cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise layout_error(self.spec, f"'{path}' is no UTF-8 text") from error

    def table(self, path: Path, *required: str) -> pd.DataFrame:
        """Return the table ``path`` as text, its column names in lower case, empty cells missing.

        Empty rows are left out, and columns without a name.  The delimiter is what the header line has most of: comma,
        semicolon or tab.  Raises DermError where a ``required`` column is not there, a row has more cells than the
        header, or there is no row at all.
        """
        import pandas as pd

        lines = list(self._rows(path)) or [(1, [])]
        columns = [column.lower() for column in lines[0][1]]
        self.require(path, columns, *required)
        for column in filter(None, columns):
            if columns.count(column) > 1:
                raise layout_error(self.spec, f"'{path}' has more than one column '{column}'")
        if not lines[1:]:
            raise layout_error(self.spec, f"'{path}' has no rows")
        for number, row in lines[1:]:
            if any(row[len(columns) :]):
                raise layout_error(self.spec, f"line {number} of '{path}' has more cells than its header has columns")
        cells = [[cell or None for cell in row[: len(columns)]] for _, row in lines[1:]]
        padded = [row + [None] * (len(columns) - len(row)) for row in cells]
        return pd.DataFrame(padded, columns=columns).loc[:, [column != "" for column in columns]]

    def require(self, path: Path, columns: Iterable[Hashable], *required: str) -> None:
        """Raise DermError where one of the ``required`` is not among the ``columns`` of the table ``path``."""
        for column in required:
            if column not in columns:
                raise layout_error(self.spec, f"'{path}' has no column '{column}'")

    def line(self, path: Path, row: int) -> int:
        """Return the line of the file ``path``, from 1, on which the ``row`` of its table ends, from 0."""
        return [number for number, _ in self._rows(path)][row + 1]

    def _rows(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """Yield the cells of the header and of each row that has any, with the number of its last line."""
        import csv

        text = self.text(path)
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        try:
            for row in reader:
                if any(map(str.strip, row)):
                    yield reader.line_num, [cell.strip() for cell in row]
        except csv.Error as error:
            raise layout_error(self.spec, f"'{path}' is no table ({error})") from error


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def as_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a loader's columns into the form of derm's records, which :class:`derm_cli.plugin.DatasetSpec` describes.

    What every record must have is text; of the rest, spellings are translated, numbers are numbers, and whatever means
    unknown is missing.  What is not understood stays as it is: derm refuses it, and tells of it.
    """
    import pandas as pd

    frame = frame.copy()
    for column in map(str, frame):
        if column in ("case_id", "file", "label", "diagnosis"):
            # A column in which nothing is known is one of numbers to pandas.
            frame[column] = frame[column].astype("object").fillna("").astype(str)
        elif column in READERS:
            written = frame[column].astype("object")
            known = {value: understood(column, value) for value in written.dropna().unique()}
            values = [None if pd.isna(value) else known[value] for value in written]
            numbers = column in ("age", "fitzpatrick") and not any(isinstance(value, str) for value in values)
            frame[column] = pd.Series(values, index=frame.index, dtype="float64" if numbers else "object")
    return frame


def numbered(names: pd.Series[str]) -> pd.Series[str]:
    """Make names unique: the second 'x' becomes 'x-2', the third 'x-3'."""
    again = names.groupby(names).cumcount() + 1
    return names.where(again == 1, names + "-" + again.astype(str))


def first_places(classes: Iterable[LesionClass]) -> dict[str, str]:
    """Return the diagnosis of a record of which no more than its class is known: the first that the class names."""
    return {each.name: each.diagnoses[0] for each in classes}
