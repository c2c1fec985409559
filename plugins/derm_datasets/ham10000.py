"""HAM10000: dermoscopic photographs of pigmented skin lesions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass, common_fields
from derm_datasets import diagnoses, downloads
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles
from derm_datasets.records import as_records, first_diagnoses, optional_columns

if TYPE_CHECKING:
    import pandas as pd

# A group's photographs are not told apart.  A benign keratosis bears the place that the ISIC Archive gives it.  Of
# akiec, actinic keratoses and Bowen's disease have no place in common: it bears that of the keratoses, for which the
# class is named first.  Invasive squamous cell carcinoma belongs to no class.
CLASSES = (
    LesionClass(name="nv", title="melanocytic nevus", diagnoses=(diagnoses.NEVUS,)),
    LesionClass(name="mel", title="melanoma", diagnoses=(diagnoses.MELANOMA,)),
    LesionClass(
        name="bkl",
        title="benign keratosis-like lesion",
        diagnoses=(
            diagnoses.BENIGN_KERATOSIS,
            diagnoses.SEBORRHEIC_KERATOSIS,
            diagnoses.SOLAR_LENTIGO,
            diagnoses.LICHENOID_KERATOSIS,
        ),
    ),
    LesionClass(name="bcc", title="basal cell carcinoma", diagnoses=(diagnoses.BASAL_CELL_CARCINOMA,)),
    LesionClass(
        name="akiec",
        title="actinic keratosis or intraepithelial carcinoma",
        diagnoses=(diagnoses.ACTINIC_KERATOSIS, diagnoses.INTRAEPITHELIAL_CARCINOMA),
    ),
    LesionClass(name="vasc", title="vascular lesion", diagnoses=(diagnoses.VASCULAR, diagnoses.HEMORRHAGE)),
    LesionClass(name="df", title="dermatofibroma", diagnoses=(diagnoses.DERMATOFIBROMA,)),
)


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph.  Patients are not told, so lesions are what keeps photographs together."""
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    metadata = files.first_existing("HAM10000_metadata.csv", "HAM10000_metadata", "HAM10000_metadata.tab")
    table = files.read_table(metadata, "lesion_id", "image_id", "dx")
    cases = table["image_id"].fillna("")
    optional = {"age": "age", "sex": "sex", "site": "localization", "confirmed_by": "dx_type"}
    return as_records(
        pd.DataFrame(
            {
                "case_id": cases,
                "file": [files.path_of(f"{case}.jpg", f"HAM10000_images_part_1/{case}.jpg") for case in cases],
                "label": table["dx"],
                "diagnosis": table["dx"].map(first_diagnoses(CLASSES)),
                "lesion": table["lesion_id"],
                **optional_columns(table, optional),
                "image_type": "dermoscopic",
                "mask": [files.find(name) or files.mask_of(name) for name in cases + "_segmentation.png"],
            }
        )
    )


SPEC = DatasetSpec(
    name="ham10000",
    title="HAM10000, dermoscopic photographs of seven pigmented lesions",
    classes=CLASSES,
    titles=class_titles(CLASSES),
    records=read_records,
    modality="dermoscopic",
    photographs=10_015,
    licence="CC BY-NC 4.0",
    citation=(
        "Tschandl, Rosendahl, Kittler: The HAM10000 dataset, a large collection of multi-source dermatoscopic images "
        "of common pigmented skin lesions. Scientific Data 5, 2018, 180161. doi:10.1038/sdata.2018.161"
    ),
    homepage="https://doi.org/10.7910/DVN/DBW86T",
    obtain="download the metadata and both archives of photographs from the Harvard Dataverse, unpack them",
    layout=(
        "HAM10000_metadata.csv  (or without .csv, or with .tab)\n"
        "HAM10000_images_part_1/<image_id>.jpg\n"
        "HAM10000_images_part_2/<image_id>.jpg\n"
        "HAM10000_segmentations_lesion_tschandl/<image_id>_segmentation.png  (masks; not required)"
    ),
    downloads=downloads.HAM10000,
    metadata=common_fields("age", "sex", "site", "confirmed_by"),
)
