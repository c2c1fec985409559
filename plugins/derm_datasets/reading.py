"""What the loaders share: a folder's files in whatever case, tables as spreadsheets write them, one error for both."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DermError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from derm_cli.plugin import DatasetSpec, LesionClass

_UNKNOWN = {"unknown", "unk", "nan", "none", "n/a"}
_ALLOWED = {"sex": ("male", "female"), "image_type": ("clinical", "dermoscopic", "macroscopic", "anatomical")}


def layout_error(spec: DatasetSpec, problem: str) -> DermError:
    """Return the error for a folder without the dataset's layout; ``problem`` quotes the path in question."""
    layout = "\n".join(f"    {line.strip()}" for line in spec.layout.splitlines())
    return DermError(
        f"Dataset '{spec.name}': {problem}; {spec.obtain} ({spec.homepage}; licence: {spec.licence}) and keep its "
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
        """Return ``path`` (relative, with slashes of either kind) as it is written on disk, or as given if nowhere."""
        wanted = path.replace("\\", "/").removeprefix("./")
        return self._by_path.get(wanted.casefold(), wanted)

    def named(self, name: str, expected: str) -> str:
        """Return the path of the file ``name`` in any folder, or else the path ``expected``."""
        return self._by_name.get(name.casefold(), expected)

    def first(self, *paths: str) -> Path:
        """Return the first of ``paths`` that is there.  Raises DermError naming the first of all if none is."""
        for path in paths:
            if path.casefold() in self._by_path:
                return self.root / self.at(path)
        raise layout_error(self.spec, f"'{self.root / paths[0]}' is not there")

    def text(self, path: Path) -> str:
        """Return the text of the file ``path``, without a byte order mark.  Raises DermError where it is no UTF-8."""
        try:
            return path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise layout_error(self.spec, f"'{path}' cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise layout_error(self.spec, f"'{path}' is no UTF-8 text") from error

    def table(self, path: Path, *required: str) -> pd.DataFrame:
        """Return the table ``path`` as text, its column names in lower case, empty cells missing, empty rows left out.

        The delimiter is what the header line has most of: comma, semicolon or tab.  Raises DermError where a
        ``required`` column is not there, a row has more cells than the header, or there is no row at all.
        """
        import csv

        import pandas as pd

        text = self.text(path)
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        try:
            columns, *rows = [[cell.strip() for cell in row] for row in reader if any(map(str.strip, row))] or [[]]
        except csv.Error as error:
            raise layout_error(self.spec, f"'{path}' is no table ({error})") from error
        columns = [column.lower() for column in columns]
        for column in required:
            if column not in columns:
                raise layout_error(self.spec, f"'{path}' has no column '{column}'")
        for column in filter(None, columns):
            if columns.count(column) > 1:
                raise layout_error(self.spec, f"'{path}' has more than one column '{column}'")
        if not rows:
            raise layout_error(self.spec, f"'{path}' has no rows")
        for number, row in enumerate(rows, 1):
            if any(row[len(columns) :]):
                raise layout_error(self.spec, f"row {number} of '{path}' has more cells than its header has columns")
        cells = [[cell or None for cell in row[: len(columns)]] for row in rows]
        padded = [row + [None] * (len(columns) - len(row)) for row in cells]
        return pd.DataFrame(padded, columns=columns)


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def as_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a loader's columns into the form of derm's records, which :class:`derm_cli.plugin.DatasetSpec` describes.

    What every record must have is text; ages and skin types are numbers; whatever means unknown is missing.
    """
    import pandas as pd

    frame = frame.copy()
    for column in frame:
        if column in ("case_id", "file", "label", "diagnosis"):
            frame[column] = frame[column].fillna("").astype(str)
        elif column in ("age", "fitzpatrick"):
            numbers = pd.to_numeric(frame[column], errors="coerce").astype("float64")
            low, high = (0, 130) if column == "age" else (1, 6)
            frame[column] = numbers.where(numbers.between(low, high))
        elif column in ("sex", "site", "image_type"):
            words = frame[column].astype("string").str.lower().astype("object")
            if column == "sex":
                words = words.replace({"m": "male", "f": "female"})
            allowed = _ALLOWED.get(str(column))
            frame[column] = words.where(words.isin(allowed) if allowed else ~words.isin(_UNKNOWN))
    return frame


def numbered(names: pd.Series[str]) -> pd.Series[str]:
    """Make names unique: the second 'x' becomes 'x-2', the third 'x-3'."""
    again = names.groupby(names).cumcount() + 1
    return names.where(again == 1, names + "-" + again.astype(str))


def first_places(classes: Iterable[LesionClass]) -> dict[str, str]:
    """Return the diagnosis of a record of which no more than its class is known: the first that the class names."""
    return {each.name: each.diagnoses[0] for each in classes}
