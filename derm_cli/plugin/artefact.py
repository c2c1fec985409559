"""Artefacts: the files in which a finished model leaves, and what each knows of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from derm_cli.errors import DermError, SpecError
from derm_cli.phase_options import Component
from derm_cli.plan import NO_VIEWS, Preprocessing
from derm_cli.plugin.answers import AnswerEncoding
from derm_cli.plugin.threshold_facts import ThresholdFacts
from derm_cli.taxonomy import LesionClass, lesion_class

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True)
class ArtefactFacts:
    """What an artefact knows of itself, stored inside the file: enough to use it without the run.

    ``classes`` are in the order of the outputs.  ``made`` tells that synthetic photographs were among those that it
    was trained on.  ``derm`` is the version that wrote it.  ``answers`` tells what the vector of answers means that it
    takes beside the photograph; None where it takes none.  ``views`` are the arrangements of a photograph whose answers
    are to be averaged, geometrically: the network in the file answers for one.  ``thresholds`` are those of triage.
    ``variant`` is the exporter's variant that the file is, empty for the format as it is.  ``titles`` has the classes'
    titles in further languages, by ISO 639-1 code, in the order of ``classes``.
    """

    run: str
    classes: tuple[LesionClass, ...]
    preprocessing: Preprocessing
    backbone: str
    target: str
    made: bool
    derm: str
    answers: AnswerEncoding | None = None
    views: Component = NO_VIEWS
    thresholds: tuple[ThresholdFacts, ...] = ()
    variant: str = ""
    titles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the facts as JSON text; :meth:`from_json` is the way back."""
        rule = replace(self.preprocessing, steps=())
        values = asdict(replace(self, preprocessing=rule)) | {"preprocessing": self.preprocessing.to_json()}
        # Without answers, views, thresholds … the facts are what they were before there were any.
        del values["answers"], values["thresholds"]
        if self.views == NO_VIEWS:
            del values["views"]
        for name in ("variant", "titles"):
            if not values[name]:
                del values[name]
        more: dict[str, Any] = {} if self.answers is None else {"answers": self.answers.to_json()}
        more |= {"thresholds": [each.to_json() for each in self.thresholds]} if self.thresholds else {}
        return json.dumps(values | more, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes, source: str) -> ArtefactFacts:
        """Rebuild the facts found in ``source`` (named in the error).  Raises DermError where they are not derm's."""
        try:
            values: dict[str, Any] = json.loads(text)
            return cls(
                **{
                    **values,
                    "classes": tuple(lesion_class(each) for each in values["classes"]),
                    "preprocessing": Preprocessing.from_json(values["preprocessing"]),
                    "views": Component.from_json(values["views"]) if "views" in values else NO_VIEWS,
                    "answers": AnswerEncoding.from_json(values["answers"]) if "answers" in values else None,
                    "thresholds": tuple(map(ThresholdFacts.from_json, values.get("thresholds", ()))),
                    "titles": _titles(values.get("titles", {}), len(values["classes"])),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, SpecError) as error:
            raise DermError(
                f"'{source}' does not carry derm's facts ({error}): export it again with 'derm export'."
            ) from error


def _titles(values: dict[str, Any], classes: int) -> dict[str, tuple[str, ...]]:
    """Return titles by language.  Raises ValueError where they are not a line of text for each class."""
    for language, titles in values.items():
        if not language.isalnum() or len(titles) != classes or any(len(each.splitlines()) != 1 for each in titles):
            raise ValueError(f"its titles in '{language}' are not {classes} lines")
    return {language: tuple(titles) for language, titles in values.items()}


class Predictor(Protocol):
    """A loaded artefact: from uint8 RGB (n, size, size, 3) to float32 probabilities (n, classes), and its ``facts``.

    One whose facts have ``answers`` takes them too, float32 (n, k); without them it answers from the photograph alone.
    One that has the attribute ``is_concurrent``, true, may be asked by several threads at once, each about one.
    """

    facts: ArtefactFacts

    def __call__(
        self, photographs: np.ndarray[Any, Any], answers: np.ndarray[Any, Any] | None = None
    ) -> np.ndarray[Any, Any]: ...


def checked_probabilities(values: np.ndarray[Any, Any], facts: ArtefactFacts) -> np.ndarray[Any, Any]:
    """Return what a model answered, as it is.  Raises DermError where a probability is no number: it is broken."""
    import numpy as np

    if not np.isfinite(values).all():
        raise DermError(
            f"The model of run '{facts.run}' gives probabilities that are no numbers: "
            "train again with lower learning rates (--head-rate, --block-rate)."
        )
    return values
