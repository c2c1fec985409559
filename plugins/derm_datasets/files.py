"""The files of a dataset's folder, found in whatever case, and their tables, read as spreadsheets write them."""

from __future__ import annotations

import io
import os
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DermError, NearPaths, is_system_name, warn

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    import pandas as pd

    from derm_cli.plugin import DatasetSpec


def layout_error(spec: DatasetSpec, problem: str) -> DermError:
    """Return the error for a folder without the dataset's layout; ``problem`` quotes the path in question."""
    layout = "\n".join(f"    {line.strip()}" for line in spec.layout.splitlines())
    get = f"'derm data download {spec.name}' gets it, or " if spec.downloads else ""
    return DermError(
        f"Dataset '{spec.name}': {problem}; {get}{spec.obtain} ({spec.homepage}; licence: {spec.licence}) and keep its "
        f"layout:\n{layout}"
    )


class DatasetFiles:
    """The files of a dataset's folder, listed once, to be found in whatever case they are written.

    Hidden files and folders, and those of systems (:func:`derm_cli.plugin.is_system_name`), are left out.  Raises
    DermError where the folder is not there, is empty or cannot be read.
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

        visited = set()
        for folder, folders, files in os.walk(self.root, followlinks=True, onerror=refuse):
            real = os.path.realpath(folder)
            # A link to a folder above would never end.
            folders[:] = [] if real in visited else [each for each in folders if not is_system_name(each)]
            if real not in visited:
                within = Path(folder).relative_to(self.root)
                yield from ((within / name).as_posix() for name in files if not is_system_name(name))
            visited.add(real)

    def on_disk(self, path: str) -> str:
        """Return ``path`` (with slashes of either kind) as it is written on disk, or as given if nowhere.

        It is relative to the folder, or names it from the root of the file system.
        """
        relative = path.replace("\\", "/").removeprefix("./").removeprefix(f"{self.root.absolute().as_posix()}/")
        return self._by_path.get(relative.casefold(), relative)

    def located(
        self, table: Path, paths: Sequence[str], folder: str = "", *, others: Iterable[str] = (), warns: bool = True
    ) -> list[str]:
        """Return the paths of photographs that ``table`` names, each below ``folder``, as they are written on disk.

        One that is not there is taken for a file that it alone can mean (:class:`derm_cli.plugin.NearPaths`), unless
        another row or ``others`` name that file; with ``warns`` it is told of.  Else it is returned as given.
        """
        expected = [self.on_disk(f"{folder}{path}") for path in paths]
        named = {path for path in expected if self.exists(path)} | {*others}
        lacking = dict.fromkeys(path for path, file in zip(paths, expected, strict=True) if path and file not in named)
        meant = {path: self.near_paths.meant(path) for path in lacking}
        times = Counter(meant.values())
        taken = {path: file for path, file in meant.items() if file and file not in named and times[file] == 1}
        if taken and warns:
            examples = ", ".join(f"'{path}' for '{file}'" for path, file in list(taken.items())[:2])
            warn(
                f"{len(taken)} paths of photographs in '{table}' name no file, and are taken for the one that each can "
                f"mean: {examples}{' …' if len(taken) > 2 else ''}."
            )
        return [taken.get(path) or file for path, file in zip(paths, expected, strict=True)]

    @cached_property
    def near_paths(self) -> NearPaths:
        """The photographs of the folder, to be found by paths that are not quite theirs."""
        return NearPaths(self.paths)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file ``path``, in whatever case."""
        return path.casefold() in self._by_path

    def find(self, name: str, expected: str = "") -> str | None:
        """Return the path ``expected`` where it is there, else that of the file ``name`` in any folder, else None."""
        return self._by_path.get(expected.casefold()) or self._by_name.get(name.casefold())

    def path_of(self, name: str, expected: str) -> str:
        """Return the path of the photograph ``name`` in any folder, or else ``expected``, which goes first.

        Where there is none, the one of the same name with another ending of its format is taken.
        """
        return self.find(name, expected) or self.near_paths.meant(name) or expected

    def first_existing(self, *paths: str) -> Path:
        """Return the first of ``paths`` that is there.  Raises DermError naming the first of all if none is."""
        for path in paths:
            if self.exists(path):
                return self.root / self.on_disk(path)
        raise layout_error(self.spec, f"'{self.root / paths[0]}' is not there")

    def read_text(self, path: Path) -> str:
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

    def read_table(self, path: Path, *required: str) -> pd.DataFrame:
        """Return the table ``path`` as text, its column names in lower case, empty cells missing.

        Empty rows are left out, and columns without a name.  The delimiter is what the header line has most of: comma,
        semicolon or tab.  Raises DermError where a ``required`` column is not there, a row has more cells than the
        header, or there is no row at all.
        """
        import pandas as pd

        lines = list(self._rows(path)) or [(1, [])]
        columns = [column.lower() for column in lines[0][1]]
        self.require_columns(path, columns, *required)
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

    def require_columns(self, path: Path, columns: Iterable[Hashable], *required: str) -> None:
        """Raise DermError where one of the ``required`` is not among the ``columns`` of the table ``path``."""
        for column in required:
            if column not in columns:
                raise layout_error(self.spec, f"'{path}' has no column '{column}'")

    def line_number(self, path: Path, row: int) -> int:
        """Return the line of the file ``path``, from 1, on which the ``row`` of its table ends, from 0."""
        return [number for number, _ in self._rows(path)][row + 1]

    def _rows(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """Yield the cells of the header and of each row that has any, with the number of its last line."""
        import csv

        text = self.read_text(path)
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        try:
            for row in reader:
                if any(map(str.strip, row)):
                    yield reader.line_num, [cell.strip() for cell in row]
        except csv.Error as error:
            raise layout_error(self.spec, f"'{path}' is no table ({error})") from error
