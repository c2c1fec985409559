"""DermAI: the paper's private target of 13 classes, and with its layout a place for a clinic's own photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass
from derm_datasets import places
from derm_datasets.reading import Files, as_records, first_places, numbered

if TYPE_CHECKING:
    import pandas as pd

# With these places the paper's merging comes out of diagnoses alone.  Three of them are the paper's decisions rather
# than the hierarchy's: pyogenic granuloma, a benign vascular lesion there, is a neoplasm of uncertain behaviour;
# a lentigo that is not specified is a solar one; and haemangioma stands for itself, not for vascular lesions at large.
# 'Indeterminate' and 'Malignant' take what no class with a finer place does.
CLASSES = (
    LesionClass(name="SebKer", title="Seborrheic Keratosis", diagnoses=(places.SEBORRHEIC_KERATOSIS,)),
    LesionClass(name="ActKer", title="Actinic Keratosis", diagnoses=(places.ACTINIC_KERATOSIS,)),
    LesionClass(name="Nev", title="Nevus, Non-neoplastic", diagnoses=(places.NEVUS,)),
    LesionClass(name="MolCont", title="Molluscum Contagiosum", diagnoses=(places.MOLLUSCUM,)),
    LesionClass(name="Haem", title="Haemangioma", diagnoses=(places.HEMANGIOMA,)),
    LesionClass(
        name="UncNeop",
        title="Neoplasm of Uncertain Behavior",
        diagnoses=(places.INDETERMINATE, places.PYOGENIC_GRANULOMA),
    ),
    LesionClass(name="Drmfib", title="Dermatofibroma", diagnoses=(places.DERMATOFIBROMA,)),
    LesionClass(name="SLent", title="Solar Lentigo", diagnoses=(places.SOLAR_LENTIGO, places.LENTIGO)),
    LesionClass(name="PenFib", title="Pendulum Fibroma", diagnoses=(places.FIBROEPITHELIAL_POLYP,)),
    LesionClass(name="VWart", title="Viral Warts", diagnoses=(places.VERRUCA,)),
    LesionClass(name="OtMalNeop", title="Other Malignant Neoplasm", diagnoses=(places.MALIGNANT,)),
    LesionClass(name="BCC", title="Basal Cell Carcinoma", diagnoses=(places.BASAL_CELL_CARCINOMA,)),
    LesionClass(name="MM", title="Malignant Melanoma", diagnoses=(places.MELANOMA,)),
)


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph of ``cases.csv``.  A case with several photographs is one lesion of one patient."""
    import pandas as pd

    files = Files(SPEC, root)
    table = files.table(files.first("cases.csv"), "case", "file", "class")
    optional = [column for column in ("patient", "sex", "age", "image_type") if column in table]
    return as_records(
        pd.DataFrame(
            {
                "case_id": numbered(table["case"].fillna("")),
                "file": [files.at(f"images/{name}") for name in table["file"].fillna("")],
                "label": table["class"],
                "diagnosis": table["class"].map(first_places(CLASSES)),
                "lesion": table["case"],
                **{column: table[column] for column in optional},
            }
        )
    )


SPEC = DatasetSpec(
    name="dermai",
    title="DermAI, the paper's target of 13 classes; the layout for a clinic's own photographs",
    classes=CLASSES,
    records=read_records,
    modality="clinical",
    licence="private, the owner's",
    citation=(
        "Nedelcu, Carreiro, Veiga, Vasconcelos: Challenges on Real-World Skin Lesion Classification: Comparing "
        "Fine-tuning Strategies for Domain Adaptation using Deep Learning. HEALTHINFO 2021"
    ),
    homepage="the paper's own set is private",
    obtain="bring photographs of your own clinic",
    layout=(
        "cases.csv\n"
        "images/<file>\n"
        "cases.csv has a row a photograph and the columns\n"
        "case        the lesion's own number; its photographs share it\n"
        "patient     the patient's pseudonym, so that no patient is both trained and tested on; may be empty\n"
        "file        the photograph's path below images/\n"
        f"class       one of {', '.join(each.name for each in CLASSES)}\n"
        "image_type  macroscopic (the lesion from near) or anatomical (the part of the body); may be empty\n"
        "age         in years; may be empty\n"
        "sex         male or female; may be empty"
    ),
)
