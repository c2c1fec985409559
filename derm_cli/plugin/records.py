"""The columns of a dataset's records: the contract between the plugins that read them and all that uses them."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Literal

from derm_cli.plugin.metadata_fields import COMMON_FIELDS, NO, YES, MetadataField

NO_BOUND = 1e9
"""Beyond this no number of a field without a range can be."""


@dataclass(frozen=True, kw_only=True)
class RecordColumn:
    """A column of records: what it means, and the values that it can have.

    ``kind`` is ``text``, or ``number`` for floats.  ``choices`` are the values of a column that has no others;
    ``bounds`` the least and the greatest of a number in ``unit``; ``lower_case`` holds for text without capitals and
    without blanks around it.  Every record has the ``required`` columns; of the others each may be left out, and a
    value in it that is not known is missing (NaN).  ``spellings`` are further names of it in tables that people write,
    by which :mod:`derm_cli.plugin.column_names` knows it, whatever their case, blanks and hyphens.
    """

    name: str
    meaning: str
    kind: Literal["text", "number"] = "text"
    required: bool = False
    choices: tuple[str, ...] | tuple[int, ...] = ()
    bounds: tuple[float, float] | None = None
    unit: str = ""
    lower_case: bool = False
    spellings: tuple[str, ...] = ()

    @property
    def restricted(self) -> bool:
        """Whether the column has only certain values; any text fits into one that is not."""
        return bool(self.choices or self.bounds or self.lower_case)

    @property
    def expected(self) -> str:
        """The values that fit, in words: 'one of male, female', 'years', 'lower-case text', 'text'."""
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        return self.unit or ("lower-case text" if self.lower_case else "text")

    def accepts(self, value: object) -> bool:
        """Tell whether a value that is known can stand in the column."""
        if self.choices:
            return value in self.choices
        if self.bounds:
            least, greatest = self.bounds
            return isinstance(value, Real) and least <= float(value) <= greatest
        return isinstance(value, str) and (not self.lower_case or (value != "" and value == value.strip().lower()))


def answer_column(field: MetadataField) -> RecordColumn:
    """Return the column of records that has the answers to a question."""
    if field.kind == "number":
        bounds = field.range or (-NO_BOUND, NO_BOUND)
        return RecordColumn(
            name=field.name,
            meaning=field.title,
            kind="number",
            bounds=bounds,
            unit=field.unit or "number",
            spellings=field.spellings,
        )
    choices = (NO, YES) if field.kind == "yes-no" else field.choices
    return RecordColumn(
        name=field.name, meaning=field.title, choices=choices, lower_case=not choices, spellings=field.spellings
    )


_COLUMNS = (
    RecordColumn(
        name="case_id",
        meaning="the photograph's name, which no other has",
        required=True,
        spellings=(
            "image id",
            "isic id",
            "record id",
            "photo id",
            "photograph id",
            "picture id",
            "sample id",
            "img id",
        ),
    ),
    RecordColumn(
        name="file",
        meaning="the photograph's path, relative to the folder, with forward slashes",
        required=True,
        spellings=(
            *("image", "image file", "image path", "image name", "img", "img path", "img name", "path", "file path"),
            *("file name", "photo", "photograph", "picture"),
        ),
    ),
    RecordColumn(
        name="label",
        meaning="the name of its class",
        required=True,
        spellings=(
            *("labels", "label name", "class", "class name", "class label", "category", "target", "dx"),
            *(
                "diagnosis",
                "diagnostic",
                "truth",
                "ground truth",
                "gt",
                "y",
                "y true",
                "true label",
                "true class",
                "lesion type",
            ),
        ),
    ),
    RecordColumn(name="diagnosis", meaning="the diagnosis in the ISIC Archive's hierarchy, or empty", required=True),
    RecordColumn(
        name="patient",
        meaning="the patient's pseudonym, so that no patient is both trained and tested on",
        spellings=(
            *("patient id", "patients", "patient number", "patient no", "patient nr", "patient name", "patient code"),
            *("patient key", "patient hash", "patient pseudonym", "patient uid", "patient uuid", "patient index"),
            *("pat id", "pat no", "pat nr", "pid", "pt id", "subject", "subject id", "subject no", "subject number"),
            *("person", "person id", "participant", "participant id", "mrn"),
        ),
    ),
    RecordColumn(
        name="lesion",
        meaning="the lesion's own name, which its photographs share",
        spellings=(
            *("lesion id", "lesion number", "lesion no", "lesion nr", "lesion name", "lesion uid", "lesion key"),
            *("mole id", "tumor id", "tumour id"),
        ),
    ),
    RecordColumn(
        name="sex", meaning="the patient's sex", choices=("male", "female"), spellings=("gender", "patient sex")
    ),
    RecordColumn(
        name="age",
        meaning="the patient's age",
        kind="number",
        bounds=(0, 120),
        unit="years",
        spellings=("age years", "age in years", "age approx", "patient age"),
    ),
    RecordColumn(
        name="site",
        meaning="where on the body the lesion is",
        lower_case=True,
        spellings=(
            *("body site", "body location", "body region", "anatomical site", "anatomic site", "anatom site"),
            *("anatom site general", "localization", "localisation", "location", "lesion site", "region"),
        ),
    ),
    RecordColumn(
        name="fitzpatrick",
        meaning="the Fitzpatrick skin type",
        kind="number",
        choices=tuple(range(1, 7)),
        spellings=(
            *("fitzpatrick type", "fitzpatrick scale", "fitzpatrick skin type", "fitspatrick", "fst", "skin type"),
            *("phototype", "skin phototype"),
        ),
    ),
    RecordColumn(
        name="skin_tone",
        meaning="the pair of Fitzpatrick skin types, where no more than that is known",
        choices=("1-2", "3-4", "5-6"),
    ),
    RecordColumn(
        name="image_type",
        meaning="how the photograph was taken",
        choices=("clinical", "dermoscopic", "macroscopic", "anatomical"),
        spellings=("modality", "image modality"),
    ),
    RecordColumn(
        name="split",
        meaning="the part of the publisher's official split that it is in",
        choices=("train", "validation", "test"),
        spellings=("set", "fold", "subset", "partition", "part", "data split", "dataset split", "split set"),
    ),
    RecordColumn(
        name="mask",
        meaning="the path of a mask of the lesion, relative to the folder",
        spellings=("mask path", "mask file", "mask name", "lesion mask", "segmentation", "segmentation mask"),
    ),
)
RECORD_COLUMNS = (
    *_COLUMNS,
    *(answer_column(field) for name, field in COMMON_FIELDS.items() if name not in {each.name for each in _COLUMNS}),
)
"""Every column of records that derm knows, in the order in which records have them; others are kept as they are."""

REQUIRED_COLUMNS = tuple(column.name for column in RECORD_COLUMNS if column.required)
NUMBER_COLUMNS = tuple(column.name for column in RECORD_COLUMNS if column.kind == "number")
OPTIONAL_COLUMNS = {column.name: column for column in RECORD_COLUMNS if not column.required}
"""The columns that records may have, by name."""
