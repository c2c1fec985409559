"""PAD-UFES-20: smartphone photographs of skin lesions, with patients' metadata."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass
from derm_datasets import diagnoses, downloads
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


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph.  Lesion numbers recur under other patients, so a lesion is known by both."""
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    required = ("patient_id", "lesion_id", "img_id", "diagnostic")
    table = files.read_table(files.first_existing("metadata.csv"), *required)
    names = table["img_id"].fillna("")
    optional = {"age": "age", "sex": "gender", "site": "region", "fitzpatrick": "fitspatrick"}
    return as_records(
        pd.DataFrame(
            {
                "case_id": names.str.removesuffix(".png"),
                "file": [files.path_of(name, f"images/imgs_part_1/{name}") for name in names],
                "label": table["diagnostic"],
                "diagnosis": table["diagnostic"].map(first_diagnoses(CLASSES)),
                "patient": table["patient_id"],
                "lesion": table["patient_id"] + "/" + table["lesion_id"],
                **optional_columns(table, optional),
                "image_type": "clinical",
            }
        )
    )


SPEC = DatasetSpec(
    name="pad-ufes-20",
    title="PAD-UFES-20, smartphone photographs of six skin lesions",
    classes=CLASSES,
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
)
