"""ISIC Challenge 2019: HAM10000, BCN20000 and MSK together, with the test part that was labelled later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass, common_fields
from derm_datasets import diagnoses, downloads, isic, isic_2018, pad_ufes_20
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles
from derm_datasets.records import as_records, first_diagnoses

if TYPE_CHECKING:
    import pandas as pd

# Bowen's disease is a squamous cell carcinoma here, and no longer with the actinic keratoses as it was in 2018.
_OWN = {
    "AK": LesionClass(name="AK", title="actinic keratosis", diagnoses=(diagnoses.ACTINIC_KERATOSIS,)),
    "SCC": next(each for each in pad_ufes_20.CLASSES if each.name == "SCC"),
}
_SHARED = {each.name: each for each in isic_2018.CLASSES}
CLASSES = tuple(
    replace(_OWN.get(label) or _SHARED[label], name=label)
    for label in ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC")
)
NONE_OF_THEM = "UNK"
"""The test part's label for what is none of the classes: no class can be learned from it, and derm drops it."""

COLUMNS = {"lesion": "lesion_id", "age": "age_approx", "sex": "sex", "site": "anatom_site_general"}


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph of the parts that are there.  Lesions are told for a part of the training part."""
    files = DatasetFiles(SPEC, root)
    labels = (*(each.name for each in CLASSES), NONE_OF_THEM)
    frame = isic.read_challenge(files, "ISIC_2019", labels, COLUMNS)
    return as_records(
        frame.assign(diagnosis=frame["label"].map(first_diagnoses(CLASSES)), image_type="dermoscopic"),
    )


SPEC = DatasetSpec(
    name="isic-2019",
    title="ISIC Challenge 2019, dermoscopic photographs of eight kinds of lesions",
    classes=CLASSES,
    titles=class_titles(CLASSES),
    records=read_records,
    modality="dermoscopic",
    photographs=33_569,
    official_split="the training and test parts of ISIC Challenge 2019",
    licence=isic.LICENCE,
    citation=(
        "Tschandl, Rosendahl, Kittler: The HAM10000 dataset, a large collection of multi-source dermatoscopic images "
        "of common pigmented skin lesions. Scientific Data 5, 2018, 180161. doi:10.1038/sdata.2018.161; "
        "Codella et al.: Skin Lesion Analysis Toward Melanoma Detection: A Challenge at the 2017 International "
        "Symposium on Biomedical Imaging (ISBI), Hosted by the International Skin Imaging Collaboration (ISIC). "
        "arXiv:1710.05006, doi:10.1109/ISBI.2018.8363547; "
        "Hernández-Pérez et al.: BCN20000: Dermoscopic Lesions in the Wild. Scientific Data 11, 2024, 641. "
        "doi:10.1038/s41597-024-03387-w"
    ),
    homepage=isic.HOMEPAGE,
    obtain="download the photographs, the metadata and the ground truth of 2019, and unpack them",
    layout=(
        "ISIC_2019_Training_GroundTruth.csv\n"
        "ISIC_2019_Training_Metadata.csv\n"
        "ISIC_2019_Training_Input/<image>.jpg  (some names end in _downsampled)\n"
        "and the same with Test in place of Training, where it is there; folders may be nested"
    ),
    downloads=downloads.ISIC_2019,
    metadata=common_fields("age", "sex", "site"),
)
