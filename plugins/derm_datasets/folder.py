"""A reader for one's own photographs: a folder with one sub-folder a class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass, canonical_names, is_unknown
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.records import as_records

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


def _photographs(root: Path) -> list[str]:
    files = DatasetFiles(SPEC, root)
    photographs = [path for path in files.paths if "/" in path and path.lower().endswith(SUFFIXES)]
    if not photographs:
        raise layout_error(SPEC, f"'{root}' has no sub-folder with photographs")
    return photographs


def read_classes(root: Path) -> tuple[LesionClass, ...]:
    """Return a class for each sub-folder that has photographs, in alphabetic order.  Their diagnoses are not known."""
    labels = set(_labels(_photographs(root)))
    return tuple(LesionClass(name=name, title=name) for name in sorted(labels) if not is_unknown(name))


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph, at whatever depth below its class's folder; its path is the case."""
    import pandas as pd

    paths = _photographs(root)
    return as_records(pd.DataFrame({"case_id": paths, "file": paths, "label": _labels(paths), "diagnosis": ""}))


def _labels(paths: list[str]) -> list[str]:
    """Return the class of each path: its folder, in one spelling where several look the same."""
    folders = [path.partition("/")[0] for path in paths]
    names = canonical_names(folders)
    return [names[folder] for folder in folders]


SPEC = DatasetSpec(
    name="folder",
    title="one's own photographs, one sub-folder a class",
    classes=(),
    read_classes=read_classes,
    records=read_records,
    reader=True,
    modality="mixed",
    licence="yours",
    citation="none: one's own photographs",
    homepage="your own photographs",
    obtain="name the folder of your photographs in derm.toml",
    layout=f"<class>/<file>  ({', '.join(SUFFIXES)})",
)
