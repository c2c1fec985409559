"""The limitations of one judgement, from its own facts: what its metrics cannot tell, for the end of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derm_cli.evaluation.grouping import PATIENT
from derm_cli.evaluation.intervals.fewest import FEWEST_OF_A_SUBGROUP as FEWEST
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.predictions import Predictions

INTENDED_USE = (
    "These metrics tell how a classifier did on the photographs of one test part. They are for those who build and "
    "compare classifiers. Derm is no medical device: nothing here may be used to diagnose or treat anybody unless "
    "somebody has validated that use and answers for it."
)
GENERAL = (
    "Metrics hold for photographs like those tested: the same cameras, clinics, skin types and diagnoses. Elsewhere "
    "they can be far lower.",
    "Intervals are of 95 % and tell of chance alone, not of labels that are wrong or of patients who are missing.",
    "How labels were made, and how many were confirmed by histology, is not known here: see the datasets' own papers.",
)
SKIN_TYPE_COLUMNS = ("fitzpatrick", "skin_tone")
DARK_SKIN_TYPES = {"5", "6", "V", "VI", "5-6"}
"""How skin types V and VI are written in the columns of :data:`SKIN_TYPE_COLUMNS`."""
PATIENT_COLUMNS = {"age": "age", "sex": "sex", "site": "body site"}
"""Other columns on patients that tell whether all are served equally well, and what they are called."""


def limitations(judgement: Judgement, predictions: Predictions, training_datasets: Sequence[str]) -> list[str]:
    """Return what a reader must not take from the metrics, a sentence each: first what is true of this judgement alone.

    ``training_datasets`` is empty where nothing is known of the training.
    """
    return [
        *_of_sample_size(judgement, predictions),
        *_of_patients(predictions),
        *_of_origin(predictions, training_datasets),
        *_of_validation_and_prevalence(judgement),
        *GENERAL,
    ]


def _of_sample_size(judgement: Judgement, predictions: Predictions) -> Iterator[str]:
    few = {name: each.support for name, each in judgement.evaluation.per_class.items() if each.support < FEWEST}
    if few:
        counts = ", ".join(f"{name} {count}" for name, count in few.items())
        yield (
            f"Fewer than {FEWEST} cases: {counts}. Of such a class the metrics say little: read the interval, "
            "not the value."
        )
    if PATIENT not in predictions.metadata:
        each = f"each of the {predictions.group_word}" if any(predictions.groups) else "each"
        yield (
            f"Which photographs are of one patient is not known here, so {each} is taken for a case of its own: where "
            "patients have several, intervals are too narrow."
        )


def _of_patients(predictions: Predictions) -> Iterator[str]:
    cases = len(predictions.case_ids)
    skin_types = [next(filter(None, each), "") for each in zip(*_columns(predictions, SKIN_TYPE_COLUMNS), strict=True)]
    of_known_type = sum(map(bool, skin_types))
    if not of_known_type:
        yield (
            "No skin type is known of these photographs: nothing here tells how the classifier does on dark skin, "
            "which most collections hardly have."
        )
    else:
        dark = sum(each in DARK_SKIN_TYPES for each in skin_types)
        share = "none of them is" if not dark else f"{dark} of them {'is' if dark == 1 else 'are'}"
        yield (
            f"The skin type is known of {of_known_type} of {cases} photographs, and {share} of Fitzpatrick type V or VI"
            + (": nothing here tells how the classifier does on dark skin." if dark < FEWEST else ".")
        )
    unknown = [title for name, title in PATIENT_COLUMNS.items() if not any(_columns(predictions, [name])[0])]
    if unknown:
        yield f"Not known of these photographs: {', '.join(unknown)}. So nothing tells whether all are served alike."


def _columns(predictions: Predictions, names: Sequence[str]) -> list[list[str]]:
    columns = [predictions.metadata[name].tolist() for name in names if name in predictions.metadata]
    return columns or [[""] * len(predictions.case_ids)]


def _of_origin(predictions: Predictions, training_datasets: Sequence[str]) -> Iterator[str]:
    if not training_datasets:
        yield (
            "Nothing is known here of how these predictions were made: neither the classifier, nor what it was "
            "trained on, nor whether one of these photographs was among that."
        )
        return
    tested = sorted({*_columns(predictions, ["dataset"])[0]} - {""})
    if tested and not set(tested) - set(training_datasets):
        yield (
            f"Tested on {', '.join(tested)} alone, of which other photographs were trained on: nothing here tells how "
            "the classifier does on photographs from elsewhere ('derm evaluate RUN --data NAME')."
        )


def _of_validation_and_prevalence(judgement: Judgement) -> Iterator[str]:
    if judgement.prediction_sets is not None:
        yield (
            f"Thresholds and prediction sets were chosen on {judgement.prediction_sets.chosen_on} photographs of the "
            "validation part: what they promise holds on average, for photographs like those, and the fewer there are, "
            "the farther one threshold may be from it."
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
