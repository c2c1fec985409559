"""Holds a dataset to its contract: its classes, the columns and values of its records, and the files that they name."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from derm_cli.frames import texts_in_python
from derm_cli.plugin.contracts.class_diagnoses import diagnosis_fault, unknown_diagnosis
from derm_cli.plugin.metadata_fields import MetadataField
from derm_cli.plugin.records import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, answer_column
from derm_cli.plugin.specs import DatasetSpec
from derm_cli.plugin.subgroup_columns import SubgroupColumn
from derm_cli.taxonomy import LesionClass, covering_class, known_diagnoses

if TYPE_CHECKING:
    import pandas as pd


def check_dataset(spec: DatasetSpec, root: Path) -> pd.DataFrame:
    """Read the records of a good copy of the dataset in ``root`` and return them.

    Raises AssertionError where a column is missing, a case stands twice, a file is not there, a label is no class, a
    diagnosis is not of the ISIC hierarchy or not covered by its own class, a value is none of those that its column
    can have (:data:`derm_cli.plugin.RECORD_COLUMNS`, the dataset's own questions and columns of subgroups), one of the
    latter is not there, an official split has no name, or a mask is not there.
    """
    classes = spec.classes or (spec.read_classes(root) if spec.read_classes else ())
    fault = diagnosis_fault(classes)
    assert not fault, fault
    # As derm reads them, so that a name which derm takes is no fault.
    with texts_in_python():
        frame = spec.records(root)
    for column in REQUIRED_COLUMNS:
        assert column in frame, f"the records have no column '{column}': every row must have one"
    assert len(frame), "there are no records: the folder must be a small good copy of the dataset"
    for case_id in frame["case_id"][frame["case_id"].duplicated()]:
        raise AssertionError(
            f"case '{case_id}' stands twice: name each photograph by what no other has, such as its path"
        )
    _check_files(frame, "file", root)
    _check_labels(frame, classes)
    for own in spec.subgroups:
        assert own.name in frame, f"the records have no column '{own.name}', which 'subgroups' declares: add it"
    _check_values(frame, (*spec.metadata, *(spec.read_metadata(root) if spec.read_metadata else ())), spec.subgroups)
    _check_files(frame, "mask", root)
    split = "split" in frame and frame["split"].notna().any()
    assert spec.official_split or not split, (
        "the records have an official split, which official_split does not name: name it, or leave out the column"
    )
    return frame


def _check_labels(frame: pd.DataFrame, classes: tuple[LesionClass, ...]) -> None:
    """Every record must have a name and a class, and a diagnosis that is known must be one that its class covers."""
    names = {each.name for each in classes}
    for record in frame[list(REQUIRED_COLUMNS)].astype(object).fillna("").itertuples(index=False):
        case_id, _, label, diagnosis = record
        for column, value in zip(REQUIRED_COLUMNS, record, strict=True):
            assert isinstance(value, str), (
                f"case '{case_id}': its {column} is {value!r}, which is no text: turn it into one"
            )
        assert case_id, "a record has no case_id: give it one, such as its path"
        assert label in names, f"case '{case_id}': the label '{label}' is no class: map it, or add a class of that name"
        if diagnosis:
            assert diagnosis in known_diagnoses(), f"case '{case_id}': {unknown_diagnosis(diagnosis)}"
            covering = covering_class(classes, diagnosis)
            outcome = f"falls into '{covering}'" if covering else "falls into no class"
            assert covering == label, f"case '{case_id}' is '{label}', but its diagnosis {outcome}: mend one of them"


def _check_values(
    frame: pd.DataFrame, fields: tuple[MetadataField, ...], subgroups: tuple[SubgroupColumn, ...] = ()
) -> None:
    own = {each.name: each.record_column for each in subgroups}
    own |= {field.name: answer_column(field) for field in fields}
    for name, column in {**own, **OPTIONAL_COLUMNS}.items():
        if name in frame and column.restricted:
            for value in frame[name].dropna().unique():
                message = f"a record's {name} is {value!r}, but must be {column.expected}, or missing"
                assert column.accepts(value), message


def _check_files(frame: pd.DataFrame, column: str, root: Path) -> None:
    """Every file that the ``column`` names must be there, below ``root``."""
    import pandas as pd

    for case_id, path in frame[["case_id", column]].itertuples(index=False) if column in frame else ():
        if column != "file" and pd.isna(path):
            continue
        assert isinstance(path, str), (
            f"case '{case_id}': its {column} is {path!r}, which is no text: return the path as text"
        )
        assert "\\" not in path, (
            f"case '{case_id}': the {column} '{path}' has other slashes than forward ones: use Path.as_posix"
        )
        assert not PurePosixPath(path).is_absolute(), (
            f"case '{case_id}': the {column} '{path}' is not relative to the folder: use Path.relative_to(root)"
        )
        assert (root / path).is_file(), (
            f"case '{case_id}': the {column} '{path}' is not there: the path must be relative to the folder"
        )
