"""EDRA: the clinical photographs of derm7pt, the seven-point checklist dataset (those that the paper uses)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass, MetadataField, common_fields
from derm_datasets import diagnoses
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.records import as_records, optional_columns, unique_names
from derm_datasets.splits import PARTS

if TYPE_CHECKING:
    import pandas as pd

_IN_SITU = f"{diagnoses.MELANOMA}:Melanoma in situ"
_INVASIVE = f"{diagnoses.MELANOMA}:Melanoma Invasive"

# What has no place of its own bears the group's (Reed or Spitz nevi, melanosis, vascular lesions) or none.
DIAGNOSES = {
    "seborrheic keratosis": ("SK", diagnoses.SEBORRHEIC_KERATOSIS),
    "blue nevus": ("NEV", f"{diagnoses.NEVUS}:Blue nevus"),
    "clark nevus": ("NEV", f"{diagnoses.NEVUS}:Nevus, Atypical, Dysplastic, or Clark:Nevus, Clark"),
    "combined nevus": ("NEV", f"{diagnoses.NEVUS}:Nevus, Combined"),
    "congenital nevus": ("NEV", f"{diagnoses.NEVUS}:Nevus, Congenital"),
    "dermal nevus": ("NEV", f"{diagnoses.NEVUS}:Nevus, NOS, Dermal"),
    "recurrent nevus": ("NEV", f"{diagnoses.NEVUS}:Nevus, Recurrent or persistent"),
    "reed or spitz nevus": ("NEV", diagnoses.NEVUS),
    "basal cell carcinoma": ("BCC", diagnoses.BASAL_CELL_CARCINOMA),
    "melanoma": ("MEL", f"{diagnoses.MELANOMA}:Melanoma, NOS"),
    "melanoma (in situ)": ("MEL", _IN_SITU),
    "melanoma (less than 0.76 mm)": ("MEL", _INVASIVE),
    "melanoma (0.76 to 1.5 mm)": ("MEL", _INVASIVE),
    "melanoma (more than 1.5 mm)": ("MEL", _INVASIVE),
    "melanoma metastasis": ("MEL", f"{diagnoses.MELANOMA}:Melanoma metastasis"),
    "dermatofibroma": ("MISC", diagnoses.DERMATOFIBROMA),
    "lentigo": ("MISC", diagnoses.LENTIGO),
    "melanosis": ("MISC", diagnoses.FLAT_PIGMENTATION),
    "miscellaneous": ("MISC", ""),
    "vascular lesion": ("MISC", diagnoses.VASCULAR),
}
"""The spellings of ``meta.csv``, with the class of each and its diagnosis in the ISIC hierarchy."""

CLASSES = (
    LesionClass(name="SK", title="seborrheic keratosis", diagnoses=(diagnoses.SEBORRHEIC_KERATOSIS,)),
    LesionClass(name="NEV", title="nevus", diagnoses=(diagnoses.NEVUS,)),
    LesionClass(name="BCC", title="basal cell carcinoma", diagnoses=(diagnoses.BASAL_CELL_CARCINOMA,)),
    LesionClass(name="MEL", title="melanoma", diagnoses=(diagnoses.MELANOMA,)),
    LesionClass(
        name="MISC",
        title="miscellaneous",
        diagnoses=(diagnoses.DERMATOFIBROMA, diagnoses.FLAT_PIGMENTATION, diagnoses.SOLAR_LENTIGO, diagnoses.VASCULAR),
    ),
)

METADATA = (
    *common_fields("sex", "site", "elevation"),
    MetadataField(
        name="management", title="What was done about the lesion?", kind="choice", known_by="doctor", tells_label=True
    ),
)
_ELEVATION = {"flat": "no", "palpable": "yes", "nodular": "yes"}


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a clinical photograph.

    A file that its publishers list as clinical and as dermoscopic is kept, without an image type.  A diagnosis that is
    none of theirs stands as the label.  What no index file names has no part of the official split.
    """
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    path = files.first_existing("meta/meta.csv")
    table = files.read_table(path, "case_num", "diagnosis", "clinic", "derm")
    spelling = table["diagnosis"].fillna("").str.lower().str.split().str.join(" ")
    clinic, derm = table["clinic"].fillna("").tolist(), table["derm"].dropna().tolist()
    # Together, so that no photograph of one kind is taken for one of the other.
    located = files.located(path, [*clinic, *derm], "images/", anywhere=True)
    paths, dermoscopic = located[: len(clinic)], set(located[len(clinic) :])
    optional = {"sex": "sex", "site": "location", "management": "management"}
    # 'palpable' and 'nodular' are two heights of what is raised.
    raised = {} if "elevation" not in table else {"elevation": table["elevation"].str.lower().map(_ELEVATION)}
    return as_records(
        pd.DataFrame(
            {
                "case_id": unique_names(table["case_num"].fillna("")),
                "file": paths,
                "label": spelling.map({name: label for name, (label, _) in DIAGNOSES.items()}).fillna(
                    table["diagnosis"]
                ),
                "diagnosis": spelling.map({name: diagnosis for name, (_, diagnosis) in DIAGNOSES.items()}),
                "patient": table["case_num"],
                **optional_columns(table, optional),
                **raised,
                "image_type": [None if path in dermoscopic else "clinical" for path in paths],
                "split": _parts(files, len(table)),
            }
        ),
        METADATA,
    )


def _parts(files: DatasetFiles, rows: int) -> list[str | None]:
    """Return the part of each row of ``meta.csv``: the index files, all or none, hold positions of rows, from 0."""
    parts: list[str | None] = [None] * rows
    indexes = {part: f"meta/{name}_indexes.csv" for part, name in zip(PARTS, ("train", "valid", "test"), strict=True)}
    for part, name in indexes.items() if any(files.exists(each) for each in indexes.values()) else ():
        path = files.first_existing(name)
        for row, position in enumerate(files.read_table(path, "indexes")["indexes"].fillna("")):
            number = int(position) if position.isascii() and position.isdigit() and len(position) < 10 else rows
            if number >= rows:
                problem = f"is no row of 'meta.csv', which has {rows}, the first being 0"
            elif parts[number]:
                problem = f"is in the part '{parts[number]}' already"
            else:
                parts[number] = part
                continue
            raise layout_error(SPEC, f"'{position}' on line {files.line_number(path, row)} of '{path}' {problem}")
    return parts


SPEC = DatasetSpec(
    name="edra",
    title="EDRA (derm7pt), clinical photographs of five groups of lesions",
    classes=CLASSES,
    titles=class_titles(CLASSES),
    records=read_records,
    modality="clinical",
    photographs=1011,
    official_split="the training, validation and test index files of derm7pt",
    licence="free for research, not to be passed on",
    citation=(
        "Kawahara, Daneshvar, Argenziano, Hamarneh: Seven-point checklist and skin lesion classification using "
        "multitask multimodal neural nets. IEEE Journal of Biomedical and Health Informatics 23(2), 2019, 538-546. "
        "doi:10.1109/JBHI.2018.2824327"
    ),
    homepage="https://derm.cs.sfu.ca",
    metadata=METADATA,
    obtain="ask for release_v0.zip through the form of its publishers and unpack it",
    layout=(
        "meta/meta.csv  (with the columns case_num, diagnosis, clinic, derm)\n"
        "meta/train_indexes.csv  (and valid_indexes.csv, test_indexes.csv: positions of rows of meta.csv, from 0)\n"
        "images/<folder>/<file>.jpg  (as the columns clinic and derm say)"
    ),
)
