"""Dermofit Image Library: macro photographs of ten diagnoses, each with a mask of the lesion."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass
from derm_datasets import diagnoses
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.records import as_records, first_diagnoses

if TYPE_CHECKING:
    import pandas as pd

CLASSES = (
    LesionClass(name="AK", title="actinic keratosis", diagnoses=(diagnoses.ACTINIC_KERATOSIS,)),
    LesionClass(name="BCC", title="basal cell carcinoma", diagnoses=(diagnoses.BASAL_CELL_CARCINOMA,)),
    LesionClass(name="DF", title="dermatofibroma", diagnoses=(diagnoses.DERMATOFIBROMA,)),
    LesionClass(name="IEC", title="intraepithelial carcinoma", diagnoses=(diagnoses.INTRAEPITHELIAL_CARCINOMA,)),
    LesionClass(name="MEL", title="malignant melanoma", diagnoses=(diagnoses.MELANOMA,)),
    LesionClass(name="ML", title="melanocytic nevus", diagnoses=(diagnoses.NEVUS,)),
    LesionClass(name="PYO", title="pyogenic granuloma", diagnoses=(diagnoses.PYOGENIC_GRANULOMA,)),
    LesionClass(
        name="SCC",
        title="squamous cell carcinoma",
        diagnoses=(diagnoses.SQUAMOUS_CELL_CARCINOMA, diagnoses.INVASIVE_SQUAMOUS_CELL_CARCINOMA),
    ),
    LesionClass(name="SK", title="seborrhoeic keratosis", diagnoses=(diagnoses.SEBORRHEIC_KERATOSIS,)),
    LesionClass(name="VASC", title="haemangioma", diagnoses=(diagnoses.HEMANGIOMA,)),
)


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph of ``lesionlist.txt``, with its mask where it is there.  Patients are not told."""
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    path = files.first_existing("lesionlist.txt")
    lines = [line.split() for line in files.read_text(path).splitlines() if line.strip()]
    if not lines:
        raise layout_error(SPEC, f"'{path}' has no lines")
    for line in lines:
        if len(line) != 3:
            raise layout_error(SPEC, f"'{' '.join(line)}' in '{path}' is not a number, an image and a class")
    cases = [case for _, case, _ in lines]
    labels = pd.Series([label for _, _, label in lines])
    paths = [files.path_of(f"{case}.png", f"{label}/{case}/{case}.png") for _, case, label in lines]
    # Beside its photograph: one in another's folder may be another's.
    masks = [
        files.mask_of(f"{PurePosixPath(path).parent}/{case}mask.png") for path, case in zip(paths, cases, strict=True)
    ]
    return as_records(
        pd.DataFrame(
            {
                "case_id": cases,
                "file": paths,
                "label": labels,
                "diagnosis": labels.map(first_diagnoses(CLASSES)),
                "image_type": "clinical",
                **({"mask": masks} if any(masks) else {}),
            }
        )
    )


SPEC = DatasetSpec(
    name="dermofit",
    title="Dermofit Image Library, macro photographs of ten diagnoses",
    classes=CLASSES,
    titles=class_titles(CLASSES),
    records=read_records,
    modality="clinical",
    photographs=1300,
    licence="Dermofit Image Library licence of the University of Edinburgh, not to be passed on",
    citation=(
        "Ballerini, Fisher, Aldridge, Rees: A color and texture based hierarchical K-NN approach to the "
        "classification of non-melanoma skin lesions. In: Color Medical Image Analysis, Springer, 2013, 63-86. "
        "doi:10.1007/978-94-007-5389-1_4"
    ),
    homepage="https://licensing.edinburgh-innovations.ed.ac.uk",
    obtain="acquire a licence from Edinburgh Innovations, then unpack the archives of all classes into one folder",
    layout=(
        "lesionlist.txt  (lines of number, image, class)\n"
        "<class>/<image>/<image>.png  (class folders in either case)\n"
        "<class>/<image>/<image>mask.png  (the lesion's mask)"
    ),
)
