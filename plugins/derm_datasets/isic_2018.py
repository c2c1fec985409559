"""ISIC Challenge 2018, task 3: HAM10000 as its training part, with the official validation and test parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, common_fields
from derm_datasets import downloads, ham10000, isic
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles
from derm_datasets.records import as_records, first_diagnoses

if TYPE_CHECKING:
    import pandas as pd

LABELS = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
CLASSES = tuple(
    replace(each, name=label) for label in LABELS for each in ham10000.CLASSES if each.name == label.lower()
)
COLUMNS = {"lesion": "lesion_id", "age": "age", "sex": "sex", "site": "localization", "confirmed_by": "dx_type"}


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph of the parts that are there.  Lesions are told for the training part alone."""
    files = DatasetFiles(SPEC, root)
    frame = isic.read_challenge(files, "ISIC2018_Task3", LABELS, COLUMNS)
    return as_records(
        frame.assign(diagnosis=frame["label"].map(first_diagnoses(CLASSES)), image_type="dermoscopic"),
    )


SPEC = DatasetSpec(
    name="isic-2018",
    title="ISIC Challenge 2018, dermoscopic photographs of seven pigmented lesions (HAM10000 and its test set)",
    classes=CLASSES,
    titles=class_titles(CLASSES),
    records=read_records,
    modality="dermoscopic",
    photographs=11_720,
    official_split="the training, validation and test parts of ISIC Challenge 2018, task 3",
    licence=isic.LICENCE,
    citation=(
        "Tschandl, Rosendahl, Kittler: The HAM10000 dataset, a large collection of multi-source dermatoscopic images "
        "of common pigmented skin lesions. Scientific Data 5, 2018, 180161. doi:10.1038/sdata.2018.161; "
        "Codella et al.: Skin Lesion Analysis Toward Melanoma Detection 2018: A Challenge Hosted by the International "
        "Skin Imaging Collaboration (ISIC). arXiv:1902.03368, doi:10.48550/arXiv.1902.03368"
    ),
    homepage=isic.HOMEPAGE,
    obtain="download the photographs, the ground truth and the lesion groupings of 2018's task 3, and unpack them",
    layout=(
        "ISIC2018_Task3_Training_GroundTruth/ISIC2018_Task3_Training_GroundTruth.csv\n"
        "ISIC2018_Task3_Training_LesionGroupings.csv\n"
        "ISIC2018_Task3_Training_Input/<image>.jpg\n"
        "and the same with Validation and with Test in place of Training, where they are there; folders may be nested"
    ),
    downloads=downloads.ISIC_2018,
    metadata=common_fields("age", "sex", "site", "confirmed_by"),
)
