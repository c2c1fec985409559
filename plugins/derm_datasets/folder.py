"""A reader for one's own photographs: a folder with one sub-folder a class, perhaps within folders of a split."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import (
    DICOM_SUFFIXES,
    HEIF_SUFFIXES,
    PHOTOGRAPH_SUFFIXES,
    RAW_SUFFIXES,
    DatasetSpec,
    LesionClass,
    canonical_names,
    is_unknown,
    warn,
)
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.folder_layout import FolderLayout, UnclearLayout, read_layout
from derm_datasets.records import as_records

if TYPE_CHECKING:
    import pandas as pd


def _read_layout(root: Path) -> FolderLayout:
    files = DatasetFiles(SPEC, root)
    suffixes = (*PHOTOGRAPH_SUFFIXES, *HEIF_SUFFIXES, *DICOM_SUFFIXES)
    photographs = [path for path in files.paths if "/" in path and path.lower().endswith(suffixes)]
    if not photographs:
        endings = sorted({Path(path).suffix.lower() for path in files.paths} & {*suffixes, *RAW_SUFFIXES})
        there = f", only {', '.join(endings)} that lie outside of folders or are not read" if endings else ""
        raise layout_error(SPEC, f"'{root}' has no sub-folder with photographs{there}")
    try:
        return read_layout(photographs)
    except UnclearLayout as problem:
        raise layout_error(SPEC, f"in '{root}' {problem}") from None


def read_classes(root: Path) -> tuple[LesionClass, ...]:
    """Return a class for each folder of a class, in alphabetic order.  Their diagnoses are not known."""
    labels = set(_class_names(_read_layout(root)))
    return tuple(LesionClass(name=name, title=name) for name in sorted(labels) if not is_unknown(name))


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph, at whatever depth below its class's folder; its path is the case.

    Where folders are the parts of a split, there is a column ``split``.
    """
    import pandas as pd

    layout = _read_layout(root)
    for sentence in layout.warnings:
        warn(f"in '{root}' {sentence}.")
    paths = list(layout.labels)
    split = {"split": [layout.parts[path] for path in paths]} if layout.parts else {}
    labels = _class_names(layout)
    return as_records(pd.DataFrame({"case_id": paths, "file": paths, "label": labels, "diagnosis": "", **split}))


def _class_names(layout: FolderLayout) -> list[str]:
    """Return the class of each path: its folder, in one spelling where several look the same."""
    folders = list(layout.labels.values())
    names = canonical_names(folders)
    return [names[folder] for folder in folders]


SPEC = DatasetSpec(
    name="folder",
    title="one's own photographs, one sub-folder a class",
    classes=(),
    titles=class_titles(),
    read_classes=read_classes,
    records=read_records,
    reader=True,
    modality="mixed",
    official_split="the folders train, validation and test",
    licence="yours",
    citation="none: one's own photographs",
    homepage="your own photographs",
    obtain="name the folder of your photographs in derm.toml",
    layout=(
        "<class>/<file>  (JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF, JPEG 2000 or HEIC)\n"
        "<part>/<class>/<file>  (or <class>/<part>/<file>, where parts are train, validation and test)"
    ),
)
