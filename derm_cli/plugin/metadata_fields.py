"""Questions on a patient or a lesion, answered beside the photograph under one name in all datasets."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from derm_cli.errors import SpecError
from derm_cli.plugin.missing import is_unknown
from derm_cli.plugin.numbers import is_number

KINDS = ("number", "choice", "yes-no")
KNOWN_BY = ("patient", "doctor", "camera")
YES, NO = "yes", "no"
"""The values of a yes-no field in records."""
_WORDS = {
    **dict.fromkeys((YES, "y", "true", "t", "1", "1.0"), YES),
    **dict.fromkeys((NO, "n", "false", "f", "0", "0.0"), NO),
}
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class MetadataField:
    """A question on a patient or a lesion: ``title`` in words that an app can ask, ``known_by`` who can answer it.

    ``name`` is that of the column of records with the answers: lower-case words joined by underscores.  ``kind`` is
    ``number``, of ``unit`` and in ``range``, its least and its greatest; ``choice``, one of ``choices``, or of those
    that the records have where there are none; or ``yes-no``.  ``tells_label`` marks what is known only because of
    how the diagnosis was made, such as a biopsy: it gives the label away, and is asked of nobody.  ``spellings`` are
    further names of its column in tables that people write.  Raises SpecError for a wrong field.
    """

    name: str
    title: str
    kind: Literal["number", "choice", "yes-no"]
    known_by: Literal["patient", "doctor", "camera"] = "patient"
    unit: str = ""
    choices: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    tells_label: bool = False
    spellings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fits = isinstance(self.name, str) and re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", self.name)
        self._require(fits, "name", self.name, "lower-case words joined by underscores")
        self._require(isinstance(self.title, str) and self.title.strip(), "title", self.title, "a question in words")
        self._require(self.kind in KINDS, "kind", self.kind, "one of " + ", ".join(KINDS))
        self._require(self.known_by in KNOWN_BY, "known_by", self.known_by, "one of " + ", ".join(KNOWN_BY))
        texts = isinstance(self.choices, tuple) and all(
            isinstance(each, str) and each and each == each.strip().lower() and not is_unknown(each)
            for each in self.choices
        )
        of_choice = self.kind == "choice" and len(self.choices) != 1
        self._require(
            texts and len(set(self.choices)) == len(self.choices) and (of_choice or not self.choices),
            "choices",
            self.choices,
            "two texts or more that differ, in lower case, for a choice alone",
        )
        if self.range is not None:
            ends = isinstance(self.range, tuple) and len(self.range) == 2 and all(map(is_number, self.range))
            self._require(
                self.kind == "number" and ends and self.range[0] < self.range[1],
                "range",
                self.range,
                "the least and the greatest of a number",
            )

    def _require(self, holds: object, name: str, value: object, wanted: str) -> None:
        if not holds:
            raise SpecError(f"metadata field '{self.name}': field '{name}' is {value!r}, but must be {wanted}.")

    @property
    def expected(self) -> str:
        """The answers that fit, in words: 'yes or no', 'a number of years from 0 to 120', 'one of male, female'."""
        if self.kind == "yes-no":
            return f"{YES} or {NO}"
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices) if self.choices else "a text"
        unit = f" of {self.unit}" if self.unit else ""
        return f"a number{unit}" + (f" from {self.range[0]:g} to {self.range[1]:g}" if self.range else "")

    def parse(self, text: str) -> float | str | None:
        """Return the answer that ``text`` gives, as records have it; None where it says that nothing is known.

        Raises ValueError where it is no answer to this question.
        """
        word = " ".join(text.split()).lower()
        if is_unknown(word):
            return None
        if self.kind == "yes-no" and word in _WORDS:
            return _WORDS[word]
        if self.kind == "choice" and (not self.choices or word in self.choices):
            return word
        if self.kind == "number" and _NUMBER.fullmatch(word):
            number = float(word.replace(",", "."))
            least, greatest = self.range or (-math.inf, math.inf)
            if least <= number <= greatest:
                return number
        raise ValueError(f"'{text}' is not {self.expected}")

    def to_json(self) -> dict[str, Any]:
        """Return the field as JSON values, without spellings; :meth:`from_json` is the way back."""
        values = asdict(self)
        del values["spellings"]
        return values | {"choices": list(self.choices), "range": None if self.range is None else list(self.range)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> MetadataField:
        """Rebuild a field.  Raises KeyError, TypeError or SpecError where it has not the form."""
        span = values["range"]
        return cls(**{**values, "choices": tuple(values["choices"]), "range": None if span is None else tuple(span)})


def _yes_no(name: str, title: str, *spellings: str, **more: Any) -> MetadataField:
    return MetadataField(name=name, title=title, kind="yes-no", spellings=spellings, **more)


COMMON_FIELDS = {
    field.name: field
    for field in (
        MetadataField(name="age", title="How old are you?", kind="number", unit="years", range=(0, 120)),
        MetadataField(name="sex", title="What is your sex?", kind="choice", choices=("female", "male")),
        MetadataField(name="site", title="Where on the body is the spot?", kind="choice"),
        MetadataField(
            name="fitzpatrick",
            title="Which Fitzpatrick skin type is it?",
            kind="number",
            known_by="doctor",
            range=(1, 6),
        ),
        _yes_no("itch", "Does the spot itch?", "itches", "itching", "itchy", "pruritus"),
        _yes_no("grew", "Has the spot grown lately?", "grow", "grows", "grown", "growing", "growth", "increasing size"),
        _yes_no("hurt", "Does the spot hurt?", "hurts", "pain", "painful", "hurting"),
        _yes_no("changed", "Has the spot changed its shape or colour lately?", "change", "changes", "changing"),
        _yes_no("bleed", "Has the spot bled?", "bleeds", "bled", "bleeding"),
        _yes_no("elevation", "Is the spot raised above the skin?", "elevated", "raised", "palpable"),
        MetadataField(
            name="diameter",
            title="How wide is the spot at its widest?",
            kind="number",
            known_by="doctor",
            unit="mm",
            range=(0, 500),
            spellings=("diameter mm", "diameter 1", "size mm", "lesion diameter", "clin size long diam mm"),
        ),
        _yes_no(
            "history",
            "Have you had skin cancer before?",
            *("skin cancer history", "personal history", "previous skin cancer", "personal hx mm"),
        ),
        _yes_no(
            "family_history",
            "Has anybody of your family had skin cancer?",
            *("family hx mm", "family history of skin cancer"),
        ),
        _yes_no(
            "biopsy",
            "Was the spot biopsied?",
            *("biopsied", "biopsed", "biopsy taken", "biopsy proven"),
            known_by="doctor",
            tells_label=True,
        ),
        MetadataField(
            name="confirmed_by",
            title="How was the diagnosis confirmed?",
            kind="choice",
            known_by="doctor",
            tells_label=True,
            spellings=("dx type", "diagnosis confirm type", "confirmation", "diagnosis method", "ground truth by"),
        ),
    )
}
"""The questions that several datasets answer, by name: each means the same wherever it stands."""


def common_fields(*names: str, **titles: str) -> tuple[MetadataField, ...]:
    """Return those of :data:`COMMON_FIELDS`, in the order given; ``titles`` has other words for some.

    Raises KeyError for a name that is none of them.
    """
    return tuple(replace(COMMON_FIELDS[name], title=titles.get(name, COMMON_FIELDS[name].title)) for name in names)


def means_the_common_one(field: MetadataField) -> bool:
    """Tell whether a field bears no name of :data:`COMMON_FIELDS`, or has the answers of the one that does."""
    common = COMMON_FIELDS.get(field.name)
    return common is None or all(
        getattr(field, name) == getattr(common, name) for name in ("kind", "unit", "choices", "range", "tells_label")
    )
