"""What the figures of one judgement cannot tell, from its own facts: for the end of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.slicing import FEWEST
from derm_cli.evaluation.predictions import PATIENT, Predictions

INTENDED_USE = (
    "These figures tell how a classifier did on the photographs of one test part. They are for those who build and "
    "compare classifiers. Derm is no medical device: nothing here may be used to diagnose or treat anybody unless "
    "somebody has validated that use and answers for it."
)
ALWAYS = (
    "Figures hold for photographs like those tested: the same cameras, clinics, skin types and diagnoses. Elsewhere "
    "they can be far lower.",
    "Intervals are of 95 % and tell of chance alone, not of labels that are wrong or of patients who are missing.",
    "How labels were made, and how many were confirmed by histology, is not known here: see the datasets' own papers.",
)
SKIN = ("fitzpatrick", "skin_tone")
DARK = {"5", "6", "V", "VI", "5-6"}
"""How skin types V and VI are written in the columns of :data:`SKIN`."""
ABOUT = {"age": "age", "sex": "sex", "site": "body site"}
"""What else of a patient tells whether all are served equally well."""


def limits_of(judgement: Judgement, predictions: Predictions, trained_on: Sequence[str]) -> list[str]:
    """Return what a reader must not take from the figures, a sentence each: first what is true of this judgement alone.

    ``trained_on`` are the datasets of the training, none where nothing is known of it.
    """
    return [
        *_cases(judgement, predictions),
        *_people(predictions),
        *_origin(predictions, trained_on),
        *_choices(judgement),
        *ALWAYS,
    ]


def _cases(judgement: Judgement, predictions: Predictions) -> Iterator[str]:
    few = {name: each.support for name, each in judgement.evaluation.per_class.items() if each.support < FEWEST}
    if few:
        counts = ", ".join(f"{name} {count}" for name, count in few.items())
        yield (
            f"Fewer than {FEWEST} cases: {counts}. Of such a class the figures say little: read its interval, not "
            "its figure."
        )
    if PATIENT not in predictions.metadata:
        yield (
            "Which photographs are of one patient is not known here, so each is taken for a case of its own: where "
            "patients have several, intervals are too narrow."
        )


def _people(predictions: Predictions) -> Iterator[str]:
    cases = len(predictions.case_ids)
    types = [next(filter(None, each), "") for each in zip(*_columns(predictions, SKIN), strict=True)]
    known = sum(map(bool, types))
    if not known:
        yield (
            "No skin type is known of these photographs: nothing here tells how the classifier does on dark skin, "
            "which most collections hardly have."
        )
    else:
        dark = sum(each in DARK for each in types)
        said = "none of them is" if not dark else f"{dark} of them {'is' if dark == 1 else 'are'}"
        yield (
            f"The skin type is known of {known} of {cases} photographs, and {said} of Fitzpatrick type V or VI"
            + (": nothing here tells how the classifier does on dark skin." if dark < FEWEST else ".")
        )
    unknown = [said for name, said in ABOUT.items() if not any(_columns(predictions, [name])[0])]
    if unknown:
        yield f"Not known of these photographs: {', '.join(unknown)}. So nothing tells whether all are served alike."


def _columns(predictions: Predictions, names: Sequence[str]) -> list[list[str]]:
    found = [predictions.metadata[name].tolist() for name in names if name in predictions.metadata]
    return found or [[""] * len(predictions.case_ids)]


def _origin(predictions: Predictions, trained_on: Sequence[str]) -> Iterator[str]:
    if not trained_on:
        yield (
            "Nothing is known here of how these predictions were made: neither the classifier, nor what it was "
            "trained on, nor whether one of these photographs was among that."
        )
        return
    tested = sorted({*_columns(predictions, ["dataset"])[0]} - {""})
    if tested and not set(tested) - set(trained_on):
        yield (
            f"Tested on {', '.join(tested)} alone, of which other photographs were trained on: nothing here tells how "
            "the classifier does on photographs from elsewhere ('derm evaluate RUN --data NAME')."
        )


def _choices(judgement: Judgement) -> Iterator[str]:
    if judgement.conformal is not None:
        yield (
            f"Thresholds and prediction sets were chosen on {judgement.conformal.chosen_on} photographs of the "
            "validation part: the fewer, the more they depend on chance, which no interval here counts."
        )
    side = judgement.triage and judgement.triage.without_indeterminate
    if side:
        yield (
            f"{side.positives} of {side.cases} cases that are benign or malignant are malignant here "
            f"({100 * side.positives / side.cases:.0f} %). Where fewer are, PPV is lower and NPV higher: they do not "
            "carry over."
        )
    else:
        yield "How often each class occurs here is not how often it occurs in a clinic: PPV and NPV do not carry over."
