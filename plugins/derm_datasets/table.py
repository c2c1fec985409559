"""A reader for one's own photographs: a table that tells each photograph's class and what else is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import COMMON_FIELDS, DatasetSpec, LesionClass, MetadataField, is_unknown
from derm_datasets.class_titles import class_titles
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.own_questions import ANSWER_COLUMNS, QUESTIONS, read_questions, with_questions
from derm_datasets.own_tables import own_labels, read_own_table
from derm_datasets.records import as_records, optional_columns
from derm_datasets.splits import split_parts
from derm_datasets.templates import Column, column_lines, write_template

if TYPE_CHECKING:
    import pandas as pd

TABLE = "records.csv"
COLUMNS = (
    Column(name="image", meaning="the photograph's path below this folder", needed=True, record="file"),
    Column(name="label", meaning="its class", needed=True),
    Column(name="case_id", meaning="a name for the photograph that no other has; else its path is the name"),
    Column(
        name="patient_id",
        meaning="the patient's pseudonym, so that no patient is both trained and tested on",
        record="patient",
    ),
    Column(name="lesion_id", meaning="the lesion's own name; its photographs share it", record="lesion"),
    Column(name="diagnosis", meaning="a place in the ISIC Archive's hierarchy, from coarse to fine, joined by colons"),
    Column(name="age", meaning="in years"),
    Column(name="sex", meaning="male or female"),
    Column(name="site", meaning="where on the body"),
    Column(name="fitzpatrick", meaning="the Fitzpatrick skin type, 1 to 6"),
    Column(name="image_type", meaning="clinical, dermoscopic, macroscopic or anatomical"),
    *ANSWER_COLUMNS,
    Column(name="split", meaning="train, validation or test, if the photographs are split already"),
    Column(name="mask", meaning="the path of a picture of the same size, white where the lesion is"),
)
"""The columns of ``records.csv``."""

OPTIONAL = {
    "patient": "patient_id",
    "lesion": "lesion_id",
    **{name: name for name in (*COMMON_FIELDS, "image_type")},
}
"""The columns of records that the table may give as they are, and how they are called there."""


def read_classes(root: Path) -> tuple[LesionClass, ...]:
    """Return a class for each label, in alphabetic order, with the diagnoses that no other label shares."""
    diagnoses: dict[str, set[str]] = {}
    for label, diagnosis in _read_table(root, warns=False)[["label", "diagnosis"]].itertuples(index=False):
        if not is_unknown(label):
            diagnoses.setdefault(label, set()).add(diagnosis)

    def own_diagnoses(label: str) -> tuple[str, ...]:
        of_others = set[str]().union(*(each for other, each in diagnoses.items() if other != label))
        return tuple(sorted(diagnoses[label] - of_others - {""}))

    return tuple(LesionClass(name=label, title=label, diagnoses=own_diagnoses(label)) for label in sorted(diagnoses))


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph; where the table has no cases, the photograph's path is the case."""
    return _read_table(root, warns=True)


def read_metadata(root: Path) -> tuple[MetadataField, ...]:
    """Return the questions of one's own, from ``questions.csv``."""
    return read_questions(SPEC, root)


def _read_table(root: Path, *, warns: bool) -> pd.DataFrame:
    import pandas as pd

    files = DatasetFiles(SPEC, root)
    path = _table_path(files)
    questions = read_metadata(root)
    table = read_own_table(files, path, with_questions(COLUMNS, questions))
    optional = optional_columns(table, OPTIONAL | {each.name: each.name for each in questions})
    if "split" in table:
        optional["split"] = split_parts(files, path, table["split"])
    masks = table["mask"].dropna().map(files.on_disk) if "mask" in table else ()
    paths = files.located(path, table["image"].fillna("").tolist(), others=masks, warns=warns)
    if "mask" in table:
        optional["mask"] = files.located_masks(path, table["mask"], paths, warns=warns)
    cases = table["case_id"].fillna(pd.Series(paths)) if "case_id" in table else paths
    return as_records(
        pd.DataFrame(
            {
                "case_id": cases,
                "file": paths,
                "label": own_labels(table["label"]),
                "diagnosis": table.get("diagnosis", ""),
                **optional,
            }
        ),
        questions,
    )


def _table_path(files: DatasetFiles) -> Path:
    tables = [path for path in files.paths if "/" not in path and path.lower().endswith((".csv", ".tsv"))]
    tables = [path for path in tables if path.lower() != QUESTIONS]
    if len(tables) > 1 and TABLE not in map(str.lower, tables):
        names = ", ".join(f"'{name}'" for name in tables)
        raise layout_error(SPEC, f"'{files.root}' has several tables ({names}) and none of them is '{TABLE}'")
    return files.first_existing(TABLE, *tables)


def make_template(root: Path) -> None:
    """Write an empty ``records.csv`` and what it must hold."""
    classes = "They are what you write into the column label. At least two are needed."
    write_template(root, SPEC, COLUMNS, table=TABLE, classes=classes)


SPEC = DatasetSpec(
    name="csv",
    title="one's own photographs, listed in a table",
    classes=(),
    titles=class_titles(),
    read_classes=read_classes,
    records=read_records,
    reader=True,
    template=make_template,
    modality="mixed",
    metadata=tuple(COMMON_FIELDS.values()),
    read_metadata=read_metadata,
    official_split="the column split of the table",
    licence="yours",
    citation="none: one's own photographs",
    homepage="your own photographs",
    obtain="name the folder of your photographs in derm.toml; 'derm data template csv FOLDER' writes the layout",
    layout=(
        f"{TABLE}  (or the one other table that there is)\n"
        "<image>\n"
        f"{QUESTIONS}  (questions of your own, if there are any)\n"
        f"{TABLE} has a row a photograph and the columns, of which image and label are needed,\n"
        f"{column_lines(COLUMNS)}"
    ),
)
