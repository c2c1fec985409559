"""ISIC Challenge 2020 (SIIM-ISIC): dermoscopic photographs of melanomas and of the same patients' benign lesions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass, common_fields
from derm_datasets import diagnoses, downloads, isic
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.records import as_records, optional_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

TABLES = ("ISIC_2020_Training_GroundTruth_v2.csv", "ISIC_2020_Training_GroundTruth.csv", "train.csv")
"""The table under its names, that with lesions first; ``train.csv`` is that of the competition."""
DUPLICATES = "ISIC_2020_Training_Duplicates.csv"

# The challenge asks for melanoma or not.  Four benign lesions in five were never diagnosed further ('unknown'): they
# are benign, and cannot be merged into a finer class.  Finer classes of its own the set cannot have: some diagnoses
# stand on one photograph.
CLASSES = (
    LesionClass(name="melanoma", title="melanoma", diagnoses=(diagnoses.MELANOMA,)),
    LesionClass(name="benign", title="benign lesion", diagnoses=(diagnoses.BENIGN,)),
)
COLUMNS = {
    "patient": "patient_id",
    "lesion": "lesion_id",
    "sex": "sex",
    "age": "age_approx",
    "site": "anatom_site_general_challenge",
}


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph of the training part; the test part was never labelled.

    Photographs that the publishers list as duplicates share a lesion.  What is said to be malignant but no melanoma,
    or benign and a melanoma, bears both words as its label, which is no class.
    """
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    path = _table(files)
    table = files.read_table(path, "image_name", "patient_id", "diagnosis", "benign_malignant")
    names = table["image_name"].fillna("")
    verdicts = table["benign_malignant"].fillna("").str.lower()
    words = table["diagnosis"].fillna("").str.lower()
    labels, diagnosed = zip(*map(_label_and_diagnosis, verdicts, words), strict=True)
    frame = pd.DataFrame(
        {
            "case_id": names.map(isic.image_id),
            "file": [isic.photograph_path(files, name, "ISIC_2020_Training_JPEG/train") for name in names],
            "label": labels,
            "diagnosis": diagnosed,
            **optional_columns(table, COLUMNS),
            "image_type": "dermoscopic",
        }
    )
    duplicates = files.find(DUPLICATES)
    if duplicates:
        pairs = files.read_table(files.root / duplicates, "image_name_1", "image_name_2")
        lesions = frame.get("lesion", pd.Series(None, index=frame.index)).astype("object")
        shared = _shared_lesions(pairs[["image_name_1", "image_name_2"]].dropna().itertuples(index=False))
        frame["lesion"] = frame["case_id"].map(shared).astype("object").fillna(lesions)
    return as_records(frame)


def _table(files: DatasetFiles) -> Path:
    for name in TABLES:
        path = files.find(name, name)
        if path:
            return files.root / path
    raise layout_error(files.spec, f"'{files.root / TABLES[0]}' is not there")


def _label_and_diagnosis(verdict: str, word: str) -> tuple[str, str]:
    diagnosis = isic.DIAGNOSES.get(word, "")
    if verdict == "malignant" and diagnosis.startswith(diagnoses.MELANOMA):
        return "melanoma", diagnosis
    if verdict == "benign" and not diagnosis.startswith(diagnoses.MALIGNANT):
        # The one atypical melanocytic proliferation is benign by the challenge, and indeterminate in the hierarchy.
        return "benign", "" if diagnosis.startswith(diagnoses.INDETERMINATE) else diagnosis or diagnoses.BENIGN
    return f"{verdict} {word}".strip(), ""


def _shared_lesions(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each photograph of ``pairs`` a lesion that it shares with all that it is paired with, over others."""
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        names = set(map(isic.image_id, pair))
        group = names.union(*(groups.get(name, set()) for name in names))
        groups |= dict.fromkeys(group, group)
    return {name: f"duplicates of {min(group)}" for name, group in groups.items()}


SPEC = DatasetSpec(
    name="isic-2020",
    title="ISIC Challenge 2020, dermoscopic photographs of melanomas and benign lesions of the same patients",
    classes=CLASSES,
    titles=class_titles(CLASSES),
    records=read_records,
    modality="dermoscopic",
    photographs=33_126,
    licence=isic.LICENCE,
    citation=(
        "International Skin Imaging Collaboration: SIIM-ISIC 2020 Challenge Dataset, 2020. doi:10.34970/2020-ds01; "
        "Rotemberg et al.: A patient-centric dataset of images and metadata for identifying melanomas using clinical "
        "context. Scientific Data 8, 2021, 34. doi:10.1038/s41597-021-00815-z"
    ),
    homepage=isic.HOMEPAGE,
    obtain="download the training JPEGs, the ground truth (v2) and the list of duplicates of 2020, and unpack them",
    layout=(
        "ISIC_2020_Training_GroundTruth_v2.csv  (or without _v2, or the competition's train.csv)\n"
        "ISIC_2020_Training_Duplicates.csv  (not required)\n"
        "ISIC_2020_Training_JPEG/train/<image>.jpg  (or jpeg/train/<image>.jpg, as in the competition)"
    ),
    downloads=downloads.ISIC_2020,
    metadata=common_fields("age", "sex", "site"),
)
