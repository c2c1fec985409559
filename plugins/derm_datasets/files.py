"""The files of a dataset's folder, found in whatever case, and their tables, read as spreadsheets write them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import (
    DermError,
    NearPaths,
    clean_name,
    decode_text,
    file_kind,
    is_system_name,
    missing_column,
    read_text_table,
    warn,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    import pandas as pd

    from derm_cli.plugin import DatasetSpec

Rename = Callable[[list[str], list[list[str]]], list[str]]
"""Gives the columns of a table other names, by its header and its rows."""


MASKS = "masks"
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
"""How the files of spreadsheets end, which no loader reads."""


def layout_error(spec: DatasetSpec, problem: str) -> DermError:
    """Return the error for a folder without the dataset's layout; ``problem`` quotes the path in question."""
    layout = "\n".join(f"    {line.strip()}" for line in spec.layout.splitlines())
    get = f"'derm data download {spec.name}' gets it, or " if spec.downloads else ""
    return DermError(
        f"Dataset '{spec.name}': {problem}; {get}{spec.obtain} ({spec.homepage}; licence: {spec.licence}) and keep its "
        f"layout:\n{layout}"
    )


def file_error(spec: DatasetSpec, problem: str) -> DermError:
    """Return the error for a file that is where the layout has it, with a fault inside; ``problem`` quotes its path."""
    return DermError(f"Dataset '{spec.name}': {problem.removesuffix('.')}.")


def _key(path: str) -> str:
    """Return what is equal for paths that look the same, in whatever case."""
    if path.isascii() and path.isprintable() and " " not in path:
        return path.casefold()
    return "/".join(clean_name(name).casefold() for name in path.split("/"))


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
        self._last_lines: dict[Path, list[int]] = {}
        self._there = frozenset(self.paths)
        self._by_path = {_key(path): path for path in self.paths}
        self._by_name = {_key(path.rpartition("/")[2]): path for path in reversed(self.paths)}

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

        It is relative to the folder, or names it from the root of the file system.  Its Unicode form and case, and
        blanks around its names, need not be those of the disk: macOS writes decomposed names.
        """
        relative = path.replace("\\", "/").removeprefix("./").removeprefix(f"{self.root.absolute().as_posix()}/")
        return relative if relative in self._there else self._by_path.get(_key(relative), relative)

    def located(
        self,
        table: Path,
        paths: Sequence[str],
        folder: str = "",
        *,
        others: Iterable[str] = (),
        what: str = "photographs",
        anywhere: bool = False,
        warns: bool = True,
    ) -> list[str]:
        """Return the paths of photographs that ``table`` names, each below ``folder``, as they are written on disk.

        One that is not there is taken for a file that it alone can mean (:class:`derm_cli.plugin.NearPaths`), unless
        another row or ``others`` name that file; with ``warns`` it is told of.  Else it is returned as given.
        ``what`` may be ``masks``, which may be PNG where JPEG is named; with ``anywhere`` the one file of a name is
        meant in whatever folder.
        """
        expected = [self.on_disk(f"{folder}{path}") for path in paths]
        named = {path for path in expected if self.exists(path)} | {*others}
        lacking = dict.fromkeys(path for path, file in zip(paths, expected, strict=True) if path and file not in named)
        meant = {path: self.near_paths.meant(path, is_mask=what == MASKS, anywhere=anywhere) for path in lacking}
        times = Counter(meant.values())
        taken = {path: file for path, file in meant.items() if file and file not in named and times[file] == 1}
        if taken and warns:
            examples = ", ".join(f"'{path}' for '{file}'" for path, file in list(taken.items())[:2])
            warn(
                f"{len(taken)} paths of {what} in '{table}' name no file, and are taken for the one that each can "
                f"mean: {examples}{' …' if len(taken) > 2 else ''}."
            )
        return [taken.get(path) or file for path, file in zip(paths, expected, strict=True)]

    @cached_property
    def near_paths(self) -> NearPaths:
        """The photographs of the folder, to be found by paths that are not quite theirs."""
        return NearPaths(self.paths)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file ``path``, in whatever case and Unicode form."""
        return _key(path) in self._by_path

    def find(self, name: str, expected: str = "") -> str | None:
        """Return the path ``expected`` where it is there, else that of the file ``name`` in any folder, else None."""
        there = self.on_disk(expected)
        return there if there in self._there else self._by_name.get(_key(name))

    def located_masks(
        self, table: Path, masks: pd.Series[str], files: Sequence[str], folder: str = "", *, warns: bool = True
    ) -> pd.Series[str]:
        """Return the mask of each row of ``table`` as :meth:`located` has it, missing where the row names none.

        ``files`` are the photographs, none of which is a mask.
        """
        named = iter(self.located(table, masks.dropna().tolist(), folder, others=files, what=MASKS, warns=warns))
        return masks.map(lambda _: next(named), na_action="ignore")

    def path_of(self, name: str, expected: str) -> str:
        """Return the path of the photograph ``name`` in any folder, or else ``expected``, which goes first.

        Where there is none, the one of the same name with another ending of its format is taken.
        """
        return self.find(name, expected) or self.near_paths.meant(name) or expected

    def mask_of(self, path: str) -> str | None:
        """Return the mask ``path`` as it is written on disk, or the one file that it can mean, else None."""
        there = self.on_disk(path)
        return there if there in self._there else self.near_paths.meant(path, is_mask=True)

    def first_existing(self, *paths: str) -> Path:
        """Return the first of ``paths`` that is there.  Raises DermError naming the first of all if none is."""
        for path in paths:
            if self.exists(path):
                return self.root / self.on_disk(path)
        missing = self.root / paths[0]
        for path in self._beside(paths[0]):
            kind = file_kind((self.root / path).read_bytes())
            if kind:
                raise file_error(
                    self.spec,
                    f"'{missing}' is not there, and '{path}' is {kind}: save it as CSV in UTF-8, which spreadsheets "
                    f"call 'CSV UTF-8', under the name '{missing.name}'",
                )
        raise layout_error(self.spec, f"'{missing}' is not there")

    def _beside(self, table: str) -> list[str]:
        """Return the workbooks in the folder where the ``table`` should be, those of its name first."""
        folder, _, name = table.rpartition("/")
        stem = name.rpartition(".")[0].casefold()
        workbooks = [
            path
            for path in self.paths
            if path.lower().endswith(WORKBOOKS) and path.rpartition("/")[0].casefold() == folder.casefold()
        ]
        return sorted(workbooks, key=lambda path: path.rpartition("/")[2].rpartition(".")[0].casefold() != stem)

    def read_text(self, path: Path) -> str:
        """Return the text of the file ``path``, without a byte order mark.  Raises DermError where it is no text."""
        self._require_file(path)
        try:
            return decode_text(path.read_bytes())
        except OSError as error:
            raise layout_error(self.spec, f"'{path}' cannot be read ({error.strerror})") from error
        except ValueError as fault:
            raise file_error(self.spec, f"'{path}' {fault}: save it as text in UTF-8") from None

    def read_table(self, path: Path, *required: str, rename: Rename | None = None) -> pd.DataFrame:
        """Return the table ``path`` as text, its column names in lower case, empty cells missing.

        Empty rows are left out, and columns without a name.  Encoding, delimiter and what may stand above the header
        are as :func:`derm_cli.plugin.read_text_table` has it.  Raises DermError where a ``required`` column is not
        there, a row has more cells than the header, or there is no row at all.  ``rename`` may give the columns other
        names.
        """
        import pandas as pd

        self._require_file(path)
        try:
            table = read_text_table(path, required)
        except DermError as error:
            raise file_error(self.spec, str(error)) from error
        columns = [cell.strip().lower() for cell in table.header.cells]
        if rename:
            columns = rename(columns, [[cell.strip() for cell in row.cells] for row in table.rows])
        self.require_columns(path, columns, *required)
        for column in filter(None, columns):
            if columns.count(column) > 1:
                raise file_error(self.spec, f"'{path}' has more than one column '{column}': keep one of them")
        if not table.rows:
            raise file_error(self.spec, f"'{path}' has no rows: give each photograph one below the header")
        rows = [[cell.strip() or None for cell in row.cells] for row in table.rows]
        for row, cells in zip(table.rows, rows, strict=True):
            if any(cells[len(columns) :]):
                quotes = " (a comma inside a cell needs quotes around it)" if table.delimiter == "," else ""
                raise file_error(
                    self.spec,
                    f"line {row.last_line} of '{path}' has more cells than its header has columns{quotes}: mend the "
                    "line",
                )
        self._last_lines[path] = [row.last_line for row in table.rows]
        padded = [cells[: len(columns)] + [None] * (len(columns) - len(cells)) for cells in rows]
        return pd.DataFrame(padded, columns=columns).loc[:, [column != "" for column in columns]]

    def _require_file(self, path: Path) -> None:
        # A pipe would be waited for, and never end.
        if path.exists() and not path.is_file():
            raise layout_error(self.spec, f"'{path}' is no file")

    def require_columns(self, path: Path, columns: Iterable[Hashable], *required: str) -> None:
        """Raise DermError where one of the ``required`` is not among the ``columns`` of the table ``path``."""
        names = [*map(str, columns)]
        for column in required:
            if column not in names:
                raise file_error(self.spec, missing_column(path, column, names))

    def line_number(self, path: Path, row: int) -> int:
        """Return the line of the file ``path``, from 1, on which the ``row`` of its table, as it was read, ends."""
        return self._last_lines[path][row]
