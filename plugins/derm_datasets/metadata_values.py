"""Parses what publishers and spreadsheets write of a patient or a photograph into the values of derm's records.

A spelling is translated and a number becomes a number; what is neither stays as it is, for derm to
refuse and to tell of.  Whatever means unknown is missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derm_cli.plugin import COMMON_FIELDS, NUMBER_COLUMNS, MetadataField, is_unknown
from derm_datasets.body_sites import general_site

if TYPE_CHECKING:
    from collections.abc import Callable

_SEXES = {"m": "male", "man": "male", "f": "female", "w": "female", "woman": "female"}
_ROMAN = {numeral: number for number, numeral in enumerate(("i", "ii", "iii", "iv", "v", "vi"), start=1)}
_IMAGE_TYPES = {
    "dermoscopic": ("dermatoscopic", "dermoscopy", "dermatoscopy", "dermoscope"),
    "clinical": ("clinic", "camera", "smartphone", "photograph"),
    "macroscopic": ("macro", "close up", "clinical: close up", "tbp tile: close up", "at an angle"),
    "anatomical": ("overview", "clinical: overview", "tbp tile: overview", "at distance", "regional"),
}
_IMAGE_TYPE_OF_WORD = {word: kind for kind, words in _IMAGE_TYPES.items() for word in words}
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d{0,2})?|\.\d{1,2})", re.ASCII)


def _parse_number(text: str) -> float | None:
    """Understand a number with a point, or with the comma that some spreadsheets write: '40', '40.0', '2,5'."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def parse_age(text: str) -> float | str:
    """Return years: '85+', the ISIC Archive's word for all above, is 85."""
    years = _parse_number(text.removesuffix("+").rstrip())
    return text if years is None else years


def parse_fitzpatrick(text: str) -> float | str:
    """Return the Fitzpatrick skin type, 1 to 6: 'IV', 'type 4' and '4.0' are 4."""
    word = re.sub(r"^(fitzpatrick|fst|skin|type|[\s_])*", "", text.lower())
    number = _ROMAN.get(word, _parse_number(word))
    return text if number is None else float(number)


def parse_sex(text: str) -> str:
    """Return 'male' or 'female', or what else is written, in lower case."""
    return _SEXES.get(text.lower(), text.lower())


def parse_image_type(text: str) -> str:
    """Return one of the words of :class:`derm_cli.plugin.DatasetSpec`, or what else is written, in lower case."""
    word = " ".join(text.lower().replace("_", " ").replace("-", " ").split())
    return _IMAGE_TYPE_OF_WORD.get(word, text.lower())


def answer_parser(field: MetadataField) -> Callable[[str], float | str]:
    """Return a function that parses the answers to a question; what is none of them stays as it is."""

    def parse(text: str) -> float | str:
        try:
            answer = field.parse(text)
        except ValueError:
            return text
        return text if answer is None else answer

    return parse


PARSERS: dict[str, Callable[[str], float | str]] = {
    **{name: answer_parser(field) for name, field in COMMON_FIELDS.items()},
    "age": parse_age,
    "fitzpatrick": parse_fitzpatrick,
    "sex": parse_sex,
    "site": general_site,
    "image_type": parse_image_type,
    "patient": str,
    "lesion": str,
}
"""How the text of each column of records that may be unknown is parsed."""


def parse_value(column: str, value: object, parse: Callable[[str], float | str] | None = None) -> float | str | None:
    """Return what ``value`` says in a record's ``column``, None where it says that nothing is known.

    ``parse`` understands the text of a column that :data:`PARSERS` has not.
    """
    text = str(value).strip()
    if is_unknown(text, column):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and column in NUMBER_COLUMNS:
        return float(value)
    return (parse or PARSERS[column])(text)
