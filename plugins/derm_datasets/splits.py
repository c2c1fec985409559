"""The parts of an official split, in the words that publishers and spreadsheets use for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import clean_name, is_unknown
from derm_datasets.files import layout_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from derm_datasets.files import DatasetFiles

PARTS = ("train", "validation", "test")
"""The parts of an official split, as records name them."""

_WORDS = {
    "train": ("train", "training", "trn", "fit"),
    "validation": ("validation", "validate", "valid", "val", "dev", "development", "tuning"),
    "test": ("test", "testing", "tst", "holdout", "hold-out", "held-out"),
}
_FILLERS = {
    *("set", "sets", "subset", "split", "part", "data", "dataset", "folder", "dir", "cases", "samples"),
    *("image", "images", "img", "imgs", "photo", "photos", "photographs", "pictures"),
}
"""What may stand beside the word for a part in a folder's name."""
_PARTS = {word: part for part, words in _WORDS.items() for word in words}


def split_part(words: str | None) -> str | None:
    """Return the part that ``words`` name, None where they say that none is.  Raises KeyError where it is not known."""
    return None if is_unknown(words or "") else _PARTS[clean_name(words or "").lower()]


def names_parts(cells: Iterable[str | None]) -> bool:
    """Tell whether a column's ``cells`` name parts of a split: one at least does, as a column of numbers does not."""
    return any(clean_name(cell or "").lower() in _PARTS for cell in cells)


def folder_part(name: str) -> str | None:
    """Return the part of a split that a folder's name says, as 'Test', 'val_set' or '1-training-images'; else None."""
    words = [word for word in re.split(r"[\W_]+", name.casefold()) if word and not word.isdigit()]
    rest = [word for word in words if word not in _FILLERS] or words
    return _PARTS.get(re.sub(r"(?<=.)set$", "", "-".join(rest)))


def split_parts(files: DatasetFiles, path: Path, cells: pd.Series[str]) -> pd.Series[str]:
    """Return the parts that the column ``split`` of the table ``path`` names.

    Raises DermError where it is neither a part nor empty, with the line of the table.
    """
    import pandas as pd

    parts = []
    for row, words in enumerate(cells.astype("object").fillna("")):
        try:
            parts.append(split_part(words))
        except KeyError:
            raise layout_error(
                files.spec,
                f"'{words}' in the column split on line {files.line_number(path, row)} of '{path}' is none of "
                f"{', '.join(PARTS)}, and not empty",
            ) from None
    return pd.Series(parts, dtype="object")
