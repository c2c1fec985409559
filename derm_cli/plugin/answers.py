"""The vector of answers that a model takes beside the photograph: what each number in it means, as facts.

A number is standardized, a choice is one number for each of its choices, a yes-no question one number; all have the
mean 0 over the photographs that were trained on.  **What is not known is 0 everywhere**: so a vector of zeros says
nothing, and no number tells whether a question was answered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plugin.metadata_fields import NO, YES, MetadataField

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Answer = float | str
"""A number, a choice, or 'yes' or 'no'."""


@dataclass(frozen=True, kw_only=True)
class EncodedField:
    """A question, and how an answer to it becomes numbers.

    - a number: ``(answer - mean) / deviation``, one number
    - a choice: for each of ``choices`` ``1 - share`` if it is the answer, ``-share`` if another is; ``shares`` is how
      often each was the answer in training
    - yes-no: ``2 (1 - share)`` for yes, ``-2 share`` for no, where the one of ``shares`` is that of yes

    ``caution`` says, where it is not empty, why the field should not have been used.
    """

    field: MetadataField
    mean: float = 0.0
    deviation: float = 1.0
    choices: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    caution: str = ""

    def __post_init__(self) -> None:
        # The facts hold what an app needs: of a choice those that can be answered, and no spellings of columns.
        choices = self.choices if len(self.choices) > 1 else ()
        object.__setattr__(self, "field", replace(self.field, choices=choices, spellings=()))

    @property
    def width(self) -> int:
        """How many numbers an answer becomes."""
        return len(self.choices) if self.field.kind == "choice" else 1

    @property
    def expected(self) -> str:
        """The answers that fit, in words."""
        return "one of " + ", ".join(self.choices) if self.field.kind == "choice" else self.field.expected

    def encode(self, answer: Answer | None) -> list[float]:
        """Return the numbers of an answer: zeros where it is None, or a choice that nobody had in training."""
        if answer is None or (self.field.kind == "choice" and answer not in self.choices):
            return [0.0] * self.width
        if self.field.kind == "number":
            return [(float(answer) - self.mean) / self.deviation]
        if self.field.kind == "yes-no":
            return [2.0 * ((answer == YES) - self.shares[0])]
        return [(answer == choice) - share for choice, share in zip(self.choices, self.shares, strict=True)]

    def to_json(self) -> dict[str, Any]:
        """Return the field and its numbers as JSON values; :meth:`from_json` is the way back."""
        values = self.field.to_json()
        kind = self.field.kind
        if kind == "number":
            values |= {"mean": self.mean, "deviation": self.deviation}
        else:
            values |= {"choices": list(self.choices) if kind == "choice" else [NO, YES], "shares": list(self.shares)}
        return values | {"caution": self.caution}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> EncodedField:
        """Rebuild a field.  Raises KeyError, TypeError, ValueError or SpecError where it has not the form."""
        own = {name: values[name] for name in ("mean", "deviation", "caution") if name in values}
        choices = tuple(values["choices"]) if values["kind"] == "choice" else ()
        declared = {name: value for name, value in values.items() if name not in {*own, "shares"}}
        # The choices of training may be fewer than two, which no question has.
        field = MetadataField.from_json(declared | {"choices": choices if len(choices) > 1 else ()})
        shares = tuple(map(float, values.get("shares", ())))
        encoded = cls(field=field, choices=choices, shares=shares, **own)
        fits = {"number": 0, "yes-no": 1, "choice": len(choices)}[field.kind]
        if len(shares) != fits or not all(map(math.isfinite, (*shares, encoded.mean, encoded.deviation))):
            raise ValueError(f"the answer '{field.name}' has not the numbers of its kind")
        return encoded


@dataclass(frozen=True)
class AnswerEncoding:
    """How answers become the vector that a model takes beside the photograph, float32 (k,), field by field."""

    fields: tuple[EncodedField, ...]

    @property
    def width(self) -> int:
        """The length of the vector, k."""
        return sum(each.width for each in self.fields)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the questions."""
        return tuple(each.field.name for each in self.fields)

    def encode(self, answers: Mapping[str, Answer | None]) -> npt.NDArray[np.float32]:
        """Return the vector of ``answers`` by the names of the questions, float32 (k,); others are not looked at."""
        import numpy as np

        numbers = [number for each in self.fields for number in each.encode(answers.get(each.field.name))]
        return np.array(numbers, dtype=np.float32)

    def parse(self, name: str, text: str, source: str) -> Answer | None:
        """Return the answer that ``text`` gives to the question ``name``; None where it says that nothing is known.

        Raises RequestError, which begins with ``source``, for another question or an answer that cannot be.
        """
        encoded = next((each for each in self.fields if each.field.name == name), None)
        if encoded is None:
            raise RequestError(f"{source} names no question '{name}' of the model.{did_you_mean(name, self.names)}")
        try:
            answer = encoded.field.parse(text)
        except ValueError:
            answer = ""
        if answer is not None and (answer == "" or (encoded.field.kind == "choice" and answer not in encoded.choices)):
            near = did_you_mean(text, encoded.choices) if encoded.field.kind == "choice" else ""
            hint = near if "Did" in near else ""
            raise RequestError(f"{source} answers '{name}' with '{text}', but it must be {encoded.expected}.{hint}")
        return answer

    def to_json(self) -> dict[str, Any]:
        """Return the encoding as JSON values; :meth:`from_json` is the way back."""
        return {"width": self.width, "fields": [each.to_json() for each in self.fields]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> AnswerEncoding:
        """Rebuild an encoding.  Raises KeyError, TypeError, ValueError or SpecError where it has not the form."""
        encoding = cls(tuple(EncodedField.from_json(each) for each in values["fields"]))
        if values["width"] != encoding.width:
            raise ValueError(f"the answers' width is {encoding.width}, not '{values['width']}'")
        return encoding
