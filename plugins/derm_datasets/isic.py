"""What the ISIC Archive's sets have in common: names of photographs, labels in columns, words for diagnoses."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from derm_datasets import diagnoses
from derm_datasets.files import DatasetFiles, layout_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

HOMEPAGE = "https://challenge.isic-archive.com/data/"
LICENCE = "CC BY-NC 4.0"
TRAINING, VALIDATION, TEST = "Training", "Validation", "Test"
PARTS = {TRAINING: "train", VALIDATION: "validation", TEST: "test"}
"""The parts of a challenge as its files name them, and as records do."""

_DOWNSAMPLED = "_downsampled"

DIAGNOSES = {
    "acrochordon": diagnoses.FIBROEPITHELIAL_POLYP,
    "actinic keratosis": diagnoses.ACTINIC_KERATOSIS,
    "aimp": f"{diagnoses.INDETERMINATE_MELANOCYTIC}:Atypical intraepithelial melanocytic proliferation",
    "angiofibroma or fibrous papule": f"{diagnoses.FIBRO_HISTIOCYTIC}:Angiofibroma",
    "angiokeratoma": f"{diagnoses.VASCULAR}:Angiokeratoma",
    "angioma": diagnoses.HEMANGIOMA,
    "atypical melanocytic proliferation": diagnoses.INDETERMINATE_MELANOCYTIC,
    "atypical spitz tumor": f"{diagnoses.INDETERMINATE_MELANOCYTIC}:Atypical Spitz tumor",
    "basal cell carcinoma": diagnoses.BASAL_CELL_CARCINOMA,
    "cafe-au-lait macule": f"{diagnoses.FLAT_PIGMENTATION}:Cafe au lait macule or patch",
    "clear cell acanthoma": f"{diagnoses.BENIGN_EPIDERMAL}:Clear cell acanthoma",
    "dermatofibroma": diagnoses.DERMATOFIBROMA,
    "ephelis": f"{diagnoses.FLAT_PIGMENTATION}:Ephelis",
    "epidermal nevus": diagnoses.EPIDERMAL_NEVUS,
    "lentigo nos": diagnoses.LENTIGO,
    "lentigo simplex": f"{diagnoses.BENIGN_MELANOCYTIC}:Lentigo simplex",
    "lichenoid keratosis": diagnoses.LICHENOID_KERATOSIS,
    "melanoma": diagnoses.MELANOMA,
    "melanoma metastasis": f"{diagnoses.MELANOMA}:Melanoma metastasis",
    "merkel cell carcinoma": "Malignant:Merkel cell proliferation:Merkel cell carcinoma",
    "mucosal melanosis": f"{diagnoses.FLAT_PIGMENTATION}:Mucosal melanotic macule",
    "neurofibroma": f"{diagnoses.NEURAL}:Neurofibroma",
    "nevus": diagnoses.NEVUS,
    "nevus spilus": f"{diagnoses.NEVUS}:Nevus, Spilus",
    "pigmented benign keratosis": diagnoses.BENIGN_KERATOSIS,
    "pyogenic granuloma": diagnoses.PYOGENIC_GRANULOMA,
    "scar": diagnoses.SCAR,
    "sebaceous adenoma": f"{diagnoses.SEBACEOUS}:Sebaceous adenoma",
    "sebaceous hyperplasia": f"{diagnoses.SEBACEOUS}:Sebaceous hyperplasia",
    "seborrheic keratosis": diagnoses.SEBORRHEIC_KERATOSIS,
    "solar lentigo": diagnoses.SOLAR_LENTIGO,
    "squamous cell carcinoma": diagnoses.SQUAMOUS_CELL_CARCINOMA,
    "vascular lesion": diagnoses.VASCULAR,
    "verruca": diagnoses.VERRUCA,
}
"""The archive's words for diagnoses before its hierarchy (isic-metadata's LegacyDxEnum), and what each is in that.

'other' and 'adnexal tumor', which may be benign or malignant, have none.
"""


def image_id(name: str) -> str:
    """Return the archive's own id of the photograph ``name``, which may bear '_downsampled' and a suffix."""
    return re.sub(rf"({_DOWNSAMPLED})?(\.jpe?g)?$", "", name, flags=re.IGNORECASE)


def photograph_path(files: DatasetFiles, name: str, folder: str) -> str:
    """Return the path of a photograph: in ``folder``, else anywhere, else where it was expected.

    A table may write '_downsampled' where the file does not, and the reverse.
    """
    plain = image_id(name)
    stem = re.sub(r"\.jpe?g$", "", name, flags=re.IGNORECASE)
    names = [f"{each}.jpg" for each in dict.fromkeys((stem, plain, plain + _DOWNSAMPLED))]
    expected = [str(PurePosixPath(folder, each)) for each in names]
    there = (files.find(*each) for each in zip(names, expected, strict=True))
    near = (files.near_paths.meant(each) for each in names)
    return next(filter(None, chain(there, near)), expected[0])


def one_hot_labels(table: pd.DataFrame, labels: Sequence[str]) -> list[str]:
    """Return each row's label: the one of the columns ``labels`` that holds 1, the others 0 or nothing.

    A row where none does, or several do, or that holds another number or a word, has the label ''.
    """
    import pandas as pd

    marks = pd.DataFrame(
        {label: pd.to_numeric(table[label.lower()].fillna("0"), errors="coerce").fillna(-1) for label in labels}
    )
    certain = marks.isin((0, 1)).all(axis=1) & (marks.sum(axis=1) == 1)
    return list(marks.idxmax(axis=1).where(certain, ""))


def read_challenge(files: DatasetFiles, stem: str, labels: Sequence[str], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the photographs of a challenge's parts, whichever of them are there, with their labels and metadata.

    A part has a table ``<stem>_<part>_GroundTruth.csv`` with a column for each label, in whatever folder; the Harvard
    Dataverse's has a column ``dx``.  ``columns`` tells for each column of records how these tables, and those of
    metadata and of lesions beside them, call it.  A part without its table has no labels, and is left out.  With the
    test part there is an official split, and a column ``split``.  Raises DermError where there is no part.
    """
    import pandas as pd

    tables = {part: _table_path(files, f"{stem}_{part}_GroundTruth") for part in PARTS}
    parts = {part: path for part, path in tables.items() if path}
    if not parts:
        raise layout_error(files.spec, f"'{files.root / f'{stem}_{TRAINING}_GroundTruth.csv'}' is not there")
    frames = []
    for part, path in parts.items():
        table = files.read_table(path)
        worded = "dx" in table
        files.require_columns(path, table, *(("image_id",) if worded else ("image", *map(str.lower, labels))))
        names = table["image_id" if worded else "image"].fillna("")
        frame = pd.DataFrame(
            {
                "case_id": names.map(image_id),
                "file": [photograph_path(files, name, f"{stem}_{part}_Input") for name in names],
                "label": table["dx"].fillna("").str.upper() if worded else one_hot_labels(table, labels),
                "split": PARTS[part],
            }
        )
        metadata = [table.assign(image=names)] if worded else []
        beside = (_table_path(files, f"{stem}_{part}_{what}") for what in ("Metadata", "LesionGroupings"))
        metadata += [files.read_table(each, "image") for each in beside if each]
        frames.append(_with_columns(frame, metadata, columns))
    records = pd.concat(frames, ignore_index=True)
    return records if TEST in parts else records.drop(columns="split")


def _table_path(files: DatasetFiles, stem: str) -> Path | None:
    path = files.find(f"{stem}.csv", f"{stem}/{stem}.csv") or files.find(f"{stem}.tab")
    return files.root / path if path else None


def _with_columns(frame: pd.DataFrame, tables: Iterable[pd.DataFrame], columns: Mapping[str, str]) -> pd.DataFrame:
    """Add to ``frame`` what ``tables`` know of its photographs."""
    for table in tables:
        by_id = table.assign(image=table["image"].fillna("").map(image_id)).drop_duplicates("image").set_index("image")
        for column, name in columns.items():
            if name in by_id:
                frame[column] = frame["case_id"].map(by_id[name])
    return frame
