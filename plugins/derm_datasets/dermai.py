"""DermAI: the paper's private target of 13 classes, and with its layout a place for a clinic's own photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import COMMON_FIELDS, DatasetSpec, LesionClass, MetadataField
from derm_datasets import diagnoses
from derm_datasets.files import DatasetFiles
from derm_datasets.own_questions import ANSWER_COLUMNS, QUESTIONS, read_questions, with_questions
from derm_datasets.own_tables import labels_among, read_own_table
from derm_datasets.records import as_records, first_diagnoses, unique_names
from derm_datasets.splits import split_parts
from derm_datasets.templates import Column, column_lines, write_template

if TYPE_CHECKING:
    import pandas as pd

TABLE = "cases.csv"

# With these places the paper's merging comes out of diagnoses alone.  Three of them are the paper's decisions rather
# than the hierarchy's: pyogenic granuloma, a benign vascular lesion there, is a neoplasm of uncertain behaviour;
# a lentigo that is not specified is a solar one; and haemangioma stands for itself, not for vascular lesions at large.
# 'Indeterminate' and 'Malignant' take what no class with a finer place does.
CLASSES = (
    LesionClass(name="SebKer", title="Seborrheic Keratosis", diagnoses=(diagnoses.SEBORRHEIC_KERATOSIS,)),
    LesionClass(name="ActKer", title="Actinic Keratosis", diagnoses=(diagnoses.ACTINIC_KERATOSIS,)),
    LesionClass(name="Nev", title="Nevus, Non-neoplastic", diagnoses=(diagnoses.NEVUS,)),
    LesionClass(name="MolCont", title="Molluscum Contagiosum", diagnoses=(diagnoses.MOLLUSCUM,)),
    LesionClass(name="Haem", title="Haemangioma", diagnoses=(diagnoses.HEMANGIOMA,)),
    LesionClass(
        name="UncNeop",
        title="Neoplasm of Uncertain Behavior",
        diagnoses=(diagnoses.INDETERMINATE, diagnoses.PYOGENIC_GRANULOMA),
    ),
    LesionClass(name="Drmfib", title="Dermatofibroma", diagnoses=(diagnoses.DERMATOFIBROMA,)),
    LesionClass(name="SLent", title="Solar Lentigo", diagnoses=(diagnoses.SOLAR_LENTIGO, diagnoses.LENTIGO)),
    LesionClass(name="PenFib", title="Pendulum Fibroma", diagnoses=(diagnoses.FIBROEPITHELIAL_POLYP,)),
    LesionClass(name="VWart", title="Viral Warts", diagnoses=(diagnoses.VERRUCA,)),
    LesionClass(name="OtMalNeop", title="Other Malignant Neoplasm", diagnoses=(diagnoses.MALIGNANT,)),
    LesionClass(name="BCC", title="Basal Cell Carcinoma", diagnoses=(diagnoses.BASAL_CELL_CARCINOMA,)),
    LesionClass(name="MM", title="Malignant Melanoma", diagnoses=(diagnoses.MELANOMA,)),
)


COLUMNS = (
    Column(name="case", meaning="the lesion's own number; its photographs share it", needed=True, record="lesion"),
    Column(name="patient", meaning="the patient's pseudonym, so that no patient is both trained and tested on"),
    Column(name="file", meaning="the photograph's path below images/", needed=True),
    Column(name="class", meaning="one of " + ", ".join(each.name for each in CLASSES), needed=True, record="label"),
    Column(
        name="image_type",
        meaning="macroscopic (the lesion from near), anatomical (the part of the body), dermoscopic or clinical",
    ),
    Column(name="age", meaning="in years"),
    Column(name="sex", meaning="male or female"),
    Column(
        name="site",
        meaning="head/neck, upper or lower extremity, anterior, posterior or lateral torso, palms/soles, oral/genital",
    ),
    Column(name="fitzpatrick", meaning="the Fitzpatrick skin type, 1 to 6"),
    *ANSWER_COLUMNS,
    Column(name="split", meaning="train, validation or test, if the photographs are split already"),
    Column(name="mask", meaning="the path below masks/ of a picture of the same size, white where the lesion is"),
)
"""The columns of ``cases.csv``."""


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph of ``cases.csv``.  A case with several photographs is one lesion of one patient."""
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    path = files.first_existing(TABLE)
    questions = read_metadata(root)
    table = read_own_table(files, path, with_questions(COLUMNS, questions))
    labels = labels_among(path, table["class"], (each.name for each in CLASSES))
    known = ("patient", "image_type", *COMMON_FIELDS, *(each.name for each in questions))
    optional = {name: table[name] for name in known if name in table}
    if "split" in table:
        optional["split"] = split_parts(files, path, table["split"])
    masks = [files.on_disk(f"masks/{name}") for name in table["mask"].dropna()] if "mask" in table else ()
    paths = files.located(path, table["file"].fillna("").tolist(), "images/", others=masks)
    if "mask" in table:
        optional["mask"] = files.located_masks(path, table["mask"], paths, "masks/")
    return as_records(
        pd.DataFrame(
            {
                "case_id": unique_names(table["case"].fillna("")),
                "file": paths,
                "label": labels,
                "diagnosis": labels.map(first_diagnoses(CLASSES)),
                "lesion": table["case"],
                **optional,
            }
        ),
        questions,
    )


def read_metadata(root: Path) -> tuple[MetadataField, ...]:
    """Return the clinic's own questions, from ``questions.csv``."""
    return read_questions(SPEC, root)


def make_template(root: Path) -> None:
    """Write an empty ``cases.csv``, the folders for photographs and masks, and what they must hold."""
    lines = [
        f"{each.name}: {each.title}\n" + "".join(f"    {diagnosis}\n" for diagnosis in each.diagnoses)
        for each in CLASSES
    ]
    classes = "Each with the diagnoses that it stands for, in the ISIC Archive's hierarchy.\n\n" + "".join(lines)
    write_template(root, SPEC, COLUMNS, table=TABLE, classes=classes, folders=("images", "masks"))


SPEC = DatasetSpec(
    name="dermai",
    title="DermAI, the paper's target of 13 classes; the layout for a clinic's own photographs",
    classes=CLASSES,
    records=read_records,
    template=make_template,
    modality="clinical",
    metadata=tuple(COMMON_FIELDS.values()),
    read_metadata=read_metadata,
    official_split="the column split of the table",
    licence="private, the owner's",
    citation=(
        "Nedelcu, Carreiro, Veiga, Vasconcelos: Challenges on Real-World Skin Lesion Classification: Comparing "
        "Fine-tuning Strategies for Domain Adaptation using Deep Learning. HEALTHINFO 2021"
    ),
    homepage="the paper's own set is private",
    obtain="bring photographs of your own clinic; 'derm data template dermai FOLDER' writes the layout",
    layout=(
        f"{TABLE}\n"
        "images/<file>\n"
        f"{QUESTIONS}  (questions of your own, if there are any)\n"
        f"{TABLE} has a row a photograph and the columns, of which case, file and class are needed,\n"
        f"{column_lines(COLUMNS)}"
    ),
)
