"""PAD-UFES-20: smartphone photographs of skin lesions, with patients' metadata."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass, MetadataField, common_fields
from derm_datasets import diagnoses, downloads
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles
from derm_datasets.records import as_records, first_diagnoses, optional_columns

if TYPE_CHECKING:
    import pandas as pd

# Beside seborrheic keratosis, SEK takes what the ISIC Archive calls HAM10000's benign keratoses: most are seborrheic.
# SCC includes Bowen's disease, as its publishers say.
CLASSES = (
    LesionClass(name="ACK", title="actinic keratosis", diagnoses=(diagnoses.ACTINIC_KERATOSIS,)),
    LesionClass(name="BCC", title="basal cell carcinoma", diagnoses=(diagnoses.BASAL_CELL_CARCINOMA,)),
    LesionClass(name="MEL", title="melanoma", diagnoses=(diagnoses.MELANOMA,)),
    LesionClass(name="NEV", title="nevus", diagnoses=(diagnoses.NEVUS,)),
    LesionClass(
        name="SCC",
        title="squamous cell carcinoma, with Bowen's disease",
        diagnoses=(
            diagnoses.SQUAMOUS_CELL_CARCINOMA,
            diagnoses.INVASIVE_SQUAMOUS_CELL_CARCINOMA,
            diagnoses.INTRAEPITHELIAL_CARCINOMA,
        ),
    ),
    LesionClass(
        name="SEK",
        title="seborrheic keratosis",
        diagnoses=(diagnoses.SEBORRHEIC_KERATOSIS, diagnoses.BENIGN_KERATOSIS),
    ),
)

COLUMNS = {
    "age": "age",
    "sex": "gender",
    "site": "region",
    "fitzpatrick": "fitspatrick",
    "diameter": "diameter_1",
    **{name: name for name in ("itch", "grew", "hurt", "changed", "bleed", "elevation")},
    "history": "skin_cancer_history",
    "biopsy": "biopsed",
    **{name: name for name in ("cancer_history", "smoke", "drink", "pesticide")},
}
"""The columns of records that the publishers' table has, and how they are called there."""

METADATA = (
    *common_fields("age", "sex", "site", "fitzpatrick", "itch", "grew", "hurt", "changed", "bleed", "elevation"),
    *common_fields("diameter", "history", "biopsy"),
    MetadataField(
        name="cancer_history", title="Have you, or has anybody of your family, had a cancer of any kind?", kind="yes-no"
    ),
    MetadataField(name="smoke", title="Do you smoke?", kind="yes-no"),
    MetadataField(name="drink", title="Do you drink alcohol?", kind="yes-no"),
    MetadataField(name="pesticide", title="Do you work with pesticides?", kind="yes-no"),
)


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph.  Lesion numbers recur under other patients, so a lesion is known by both."""
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    required = ("patient_id", "lesion_id", "img_id", "diagnostic")
    table = files.read_table(files.first_existing("metadata.csv"), *required)
    names = table["img_id"].fillna("")
    return as_records(
        pd.DataFrame(
            {
                "case_id": names.str.removesuffix(".png"),
                "file": [files.path_of(name, f"images/imgs_part_1/{name}") for name in names],
                "label": table["diagnostic"],
                "diagnosis": table["diagnostic"].map(first_diagnoses(CLASSES)),
                "patient": table["patient_id"],
                "lesion": table["patient_id"] + "/" + table["lesion_id"],
                **optional_columns(table, COLUMNS),
                "image_type": "clinical",
            }
        ),
        METADATA,
    )


SPEC = DatasetSpec(
    name="pad-ufes-20",
    title="PAD-UFES-20, smartphone photographs of six skin lesions",
    classes=CLASSES,
    titles=class_titles(CLASSES),
    records=read_records,
    modality="clinical",
    photographs=2298,
    licence="CC BY 4.0",
    citation=(
        "Pacheco et al.: PAD-UFES-20: A skin lesion dataset composed of patient data and clinical images collected "
        "from smartphones. Data in Brief 32, 2020, 106221. doi:10.1016/j.dib.2020.106221"
    ),
    homepage="https://data.mendeley.com/datasets/zr7vgbcyr2/1",
    obtain="download the set from Mendeley Data and unpack the three archives of photographs",
    layout="metadata.csv\nimages/imgs_part_1/PAT_<patient>_<lesion>_<n>.png  (and imgs_part_2, imgs_part_3)",
    downloads=downloads.PAD_UFES_20,
    metadata=METADATA,
)
