"""A reader for one's own photographs: a table that tells each photograph's class and what else is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import DatasetSpec, LesionClass
from derm_datasets.reading import Files, as_records, layout_error

if TYPE_CHECKING:
    import pandas as pd

OPTIONAL = {
    "split": "split",
    "patient": "patient_id",
    "lesion": "lesion_id",
    "age": "age",
    "sex": "sex",
    "site": "site",
    "fitzpatrick": "fitzpatrick",
    "image_type": "image_type",
}
"""The columns of records that the table may give, and how they are called there."""


def read_classes(root: Path) -> tuple[LesionClass, ...]:
    """Return a class for each label, in alphabetic order, with the diagnoses that no other label shares."""
    found: dict[str, set[str]] = {}
    for label, diagnosis in read_records(root)[["label", "diagnosis"]].itertuples(index=False):
        if label:
            found.setdefault(label, set()).add(diagnosis)

    def own(label: str) -> tuple[str, ...]:
        others = set[str]().union(*(places for other, places in found.items() if other != label))
        return tuple(sorted(found[label] - others - {""}))

    return tuple(LesionClass(name=label, title=label, diagnoses=own(label)) for label in sorted(found))


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph; where the table has no cases, the photograph's path is the case."""
    import pandas as pd

    files = Files(SPEC, root)
    table = files.table(_table(files), "image", "label")
    paths = [files.at(image) for image in table["image"].fillna("")]
    cases = table["case_id"].fillna(pd.Series(paths)) if "case_id" in table else paths
    return as_records(
        pd.DataFrame(
            {
                "case_id": cases,
                "file": paths,
                "label": table["label"],
                "diagnosis": table.get("diagnosis", ""),
                **{column: table[theirs] for column, theirs in OPTIONAL.items() if theirs in table},
            }
        )
    )


def _table(files: Files) -> Path:
    tables = [path for path in files.paths if "/" not in path and path.lower().endswith(".csv")]
    if len(tables) > 1 and "records.csv" not in map(str.lower, tables):
        names = ", ".join(f"'{name}'" for name in tables)
        raise layout_error(SPEC, f"'{files.root}' has several tables ({names}) and none of them is 'records.csv'")
    return files.first("records.csv", *tables)


SPEC = DatasetSpec(
    name="csv",
    title="one's own photographs, listed in a table",
    classes=(),
    read_classes=read_classes,
    records=read_records,
    reader=True,
    modality="mixed",
    licence="yours",
    citation="none: one's own photographs",
    homepage="your own photographs",
    obtain="name the folder of your photographs in derm.toml",
    layout=(
        "records.csv  (or the one other table that there is)\n"
        "<image>\n"
        "records.csv has a row a photograph, the columns image (its path below the folder) and label (its class),\n"
        "and where known case_id, split, patient_id, lesion_id, diagnosis (a place in the ISIC hierarchy), age, sex,\n"
        "site, fitzpatrick, image_type"
    ),
)
