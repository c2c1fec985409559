"""Records of a dataset: those that can be trained on, and those that are dropped, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.locating import LocatedDataset
from derm_cli.data.photographs_on_disk import near_files
from derm_cli.data.record_values import REFUSED, clean
from derm_cli.data.subgroup_columns import with_subgroups
from derm_cli.errors import DermError, did_you_mean
from derm_cli.frames import keep_texts_in_python
from derm_cli.plugin import REQUIRED_COLUMNS, DatasetSpec, MetadataField, clean_name, is_unknown, known_names
from derm_cli.plugin.calling import wrong_result
from derm_cli.plugin.metadata_fields import means_the_common_one
from derm_cli.taxonomy import LesionClass

keep_texts_in_python()

DROPPED = ("dataset", "case_id", "file", "label", "reason")
NO_CASE = "it has no case_id"
NO_FILE = "it names no file"
UNKNOWN_LABEL = "its label is none of the dataset's classes"
NO_LABEL = "its label says that its class is not known"
LEFT_OUT = "its class is left out, as asked for"
SAME_CASE = "its case_id stands on an earlier record"
SAME_FILE = "its file stands on an earlier record"
CONTRADICTING = "its file stands on an earlier record, under another class"
MISSING = "the file is not there"
OUTSIDE = "its path leads out of the dataset's folder"
NOT_TEXT = "the name of its file or folder is not UTF-8, so rename it"
"""Why a record is dropped before anything is decoded."""
UNMATCHED = "no class of stage '{stage}' covers its diagnosis"
"""Why a photograph that is in the training part of a split is not trained on in a stage."""


@dataclass(frozen=True)
class Records:
    """A dataset's usable records, its classes that have any, and the records that were dropped.

    ``frame`` has a row a photograph and the columns :data:`derm_cli.plugin.RECORD_COLUMNS`; ``dropped`` the columns
    dataset, case_id, file, label, reason; ``empty`` names the declared classes that have no photograph.  ``refused``
    has the columns case_id, column, value: what no age, sex or the like can be, and is missing in ``frame`` therefore.
    ``metadata`` are the questions that any of its records answers.
    """

    located: LocatedDataset
    classes: tuple[LesionClass, ...]
    frame: pd.DataFrame
    dropped: pd.DataFrame
    empty: tuple[str, ...] = ()
    refused: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(REFUSED), dtype=str))
    metadata: tuple[MetadataField, ...] = ()

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.located.name

    def without(self, unusable: pd.Series[bool], reasons: pd.Series[str] | str) -> Records:
        """Drop the rows where ``unusable`` holds, each with its reason."""
        if not unusable.any():
            return self
        dropped = dropped_table(self.frame[unusable].assign(dataset=self.name), reasons)
        return replace(
            self,
            frame=self.frame[~unusable].reset_index(drop=True),
            dropped=pd.concat([self.dropped, dropped], ignore_index=True),
        )


def dropped_table(frame: pd.DataFrame, reason: str | pd.Series[str] | npt.NDArray[np.object_]) -> pd.DataFrame:
    """Return a table of dropped records, with the columns ``DROPPED``, from rows that have dataset, case, file, label.

    ``reason`` is that of all, or one for each row.
    """
    return frame[["dataset", "case_id", "file", "label"]].assign(reason=reason)[list(DROPPED)]


def read_records(located: LocatedDataset, leave_out: tuple[str, ...] = ()) -> Records:
    """Read the dataset's tables as :func:`read_usable_records` does, and keep the classes that have photographs.

    Raises DermError where the folder has not the layout, where fewer than two classes are left, or where a class has
    one photograph alone.
    """
    return without_empty_classes(read_usable_records(located, leave_out))


def read_usable_records(located: LocatedDataset, leave_out: tuple[str, ...] = ()) -> Records:
    """Read the dataset's tables, draw it first if it is synthetic, and drop what cannot be used.

    Classes in ``leave_out`` are dropped, with their photographs.  All other declared classes are kept, however little
    there is of them.  Raises DermError where the folder has not the layout.
    """
    spec, root = located.spec, located.root
    if spec.make is not None and (not root.exists() or not any(root.iterdir())):
        spec.make(root)
    frame = spec.records(root)
    _check_columns(located, frame)
    frame, unwritable = _with_utf8_texts(frame.reset_index(drop=True))
    fields = metadata_fields(spec, root)
    frame, refused = clean(frame, fields, spec.subgroups)
    frame = with_subgroups(frame, spec.subgroups)
    if "mask" in frame:
        frame, refused = _without_outside_masks(frame, refused)
    declared = spec.classes or (spec.read_classes(root) if spec.read_classes else ())
    declared = tuple(each for each in declared if utf8_text(each.name) == each.name)
    known = {each.name for each in declared}
    spellings = known_names(frame["label"].unique(), known, alike=False)
    frame["label"] = frame["label"].map(lambda label: spellings.get(label, label))
    left_out = {*leave_out, *located.leave_out}
    for name in left_out - known:
        raise DermError(f"Dataset '{located.name}' has no class '{name}' to leave out.{did_you_mean(name, known)}")

    used_classes = tuple(each for each in declared if each.name not in left_out)
    records = Records(located, used_classes, frame, pd.DataFrame(columns=list(DROPPED), dtype=str), refused=refused)
    records = replace(records, metadata=tuple(each for each in fields if _has_answers(frame, each)))
    records = records.without(unwritable, NOT_TEXT)
    records = records.without((records.frame[["case_id", "file"]] == "").all(axis=1), NO_FILE)
    records = records.without(records.frame["case_id"] == "", NO_CASE)
    if not spec.classes:
        is_unlabelled = records.frame["label"].map(lambda label: _is_unlabelled(label, known)).astype(bool)
        records = records.without(is_unlabelled, NO_LABEL)
    records = records.without(~records.frame["label"].isin(known), UNKNOWN_LABEL)
    records = records.without(records.frame["label"].isin(left_out), LEFT_OUT)
    records = records.without(records.frame["case_id"].duplicated(keep="first"), _repetition_reasons(records.frame))
    records = records.without(records.frame["file"].map(_is_outside).astype(bool), OUTSIDE)
    is_there = records.frame["file"].map(lambda name: _is_file(root / name)).astype(bool)
    return records.without(~is_there, MISSING)


def metadata_fields(spec: DatasetSpec, root: Path) -> tuple[MetadataField, ...]:
    """Return the questions of a dataset: those that its spec declares, and those that its folder adds or words anew.

    Raises DermError where a question of the folder bears a common name and means something else.
    """
    own = {each.name: each for each in (spec.read_metadata(root) if spec.read_metadata else ())}
    for each in own.values():
        if not means_the_common_one(each):
            raise DermError(
                f"Dataset '{spec.name}' in '{root}' has a question '{each.name}' of another kind than derm's question "
                "of that name: give it another name."
            )
    return tuple({**{each.name: each for each in spec.metadata}, **own}.values())


def _has_answers(frame: pd.DataFrame, field: MetadataField) -> bool:
    return field.name in frame and bool(frame[field.name].notna().any())


def without_empty_classes(records: Records) -> Records:
    """Keep the classes that have photographs.  Raises DermError where too little is left to learn from."""
    counts = records.frame["label"].value_counts()
    for each in records.classes:
        if counts.get(each.name, 0) == 1:
            raise DermError(
                f"Class '{each.name}' of dataset '{records.name}' has one photograph, too few to both train and test: "
                f"add photographs, or leave the class out with --leave-out {records.name}:{each.name}."
            )
    classes = tuple(each for each in records.classes if counts.get(each.name, 0))
    if len(classes) < 2:
        content = f"the one class '{classes[0].name}'" if classes else "no usable photograph"
        reasons = records.dropped["reason"].value_counts()
        drop_reason = (
            f" ({len(records.dropped)} dropped, most often: {reasons.index[0]}{_example(records, reasons.index[0])})"
            if len(reasons)
            else ""
        )
        raise DermError(
            f"Dataset '{records.name}' in '{records.located.root}' has {content}{drop_reason}: a classifier needs two "
            "classes or more; 'derm data check' tells more."
        )
    empty = tuple(each.name for each in records.classes if each not in classes)
    return replace(records, classes=classes, empty=(*records.empty, *empty))


def _example(records: Records, reason: str) -> str:
    """Return a file that is not there with one that may be meant, as the end of the reason, or ''."""
    if reason not in (MISSING, OUTSIDE):
        return ""
    files = records.dropped.loc[records.dropped["reason"] == reason, "file"]
    near = near_files(records.located.root, map(str, files))
    return next((f": for '{file}' there is '{nearest}'" for file, nearest in near.items()), f": '{files.iloc[0]}'")


def _check_columns(located: LocatedDataset, frame: pd.DataFrame) -> None:
    missing = [column for column in REQUIRED_COLUMNS if column not in frame.columns]
    if missing:
        said = f"gives records without the column '{missing[0]}'"
        otherwise = f"The plugin of dataset '{located.name}' {said}: tell its author."
        raise wrong_result(located.spec.records, said, otherwise)


def _with_utf8_texts(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series[bool]]:
    """Return records whose texts any file can hold, and which of them are escaped, for theirs could not.

    A name that was given on a system of another encoding is no UTF-8, and Python keeps its bytes as surrogates.
    """
    escaped = frame.copy()
    for column in frame.select_dtypes(exclude="number"):
        escaped[column] = frame[column].map(utf8_text)
    changed = (escaped.astype(object) != frame.astype(object)) & frame.notna()
    return escaped, changed.any(axis=1)


def utf8_text(value: object) -> object:
    """Return a text with escapes in the place of what no UTF-8 file can hold, and anything else as it is."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _repetition_reasons(frame: pd.DataFrame) -> pd.Series[str]:
    """Return why each record is dropped if its case stands on an earlier one: with another file, class, or neither.

    Whoever gives no case ids has the files' paths in their place, and is told of files.
    """
    first = frame.drop_duplicates("case_id").set_index("case_id")
    same_file = frame["file"] == frame["case_id"].map(first["file"])
    other_label = frame["label"] != frame["case_id"].map(first["label"])
    unnamed = frame["case_id"] == frame["file"].map(clean_name)
    reasons = pd.Series(SAME_CASE, index=frame.index, dtype=object).mask(unnamed & same_file, SAME_FILE)
    return reasons.mask(same_file & other_label, CONTRADICTING)


def _is_unlabelled(label: str, known: set[str]) -> bool:
    """Tell whether a label is a word for 'unknown', and no class of that name."""
    return label != "" and label not in known and is_unknown(label)


def _is_outside(path: str) -> bool:
    """Tell whether a path of a table is not below the folder that it is relative to; links in there may lead out."""
    return any(".." in each.parts or bool(each.anchor) for each in (PurePosixPath(path), PureWindowsPath(path)))


def _without_outside_masks(frame: pd.DataFrame, refused: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    outside = frame["mask"].map(lambda name: isinstance(name, str) and _is_outside(name)).astype(bool)
    if not outside.any():
        return frame, refused
    added = frame.loc[outside, ["case_id", "mask"]].rename(columns={"mask": "value"}).assign(column="mask")
    return (
        frame.assign(mask=frame["mask"].mask(outside, None)),
        pd.concat([refused, added[list(REFUSED)]], ignore_index=True),
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    # A name that is too long for any file, or a folder that may not be looked into.
    except OSError:
        return False
