"""Example photographs for a report: confident mistakes, the least certain, and a correct one of each class."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from derm_cli.console import progress
from derm_cli.data.preprocessing import Pixels
from derm_cli.errors import DermError
from derm_cli.evaluation.metrics.calibration import softmax
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.plots.class_map_overlay import jpeg_data_url, side_by_side
from derm_cli.evaluation.reporting.report import ExamplePhotograph
from derm_cli.plugin import View
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.answers import predictions_without_answers
from derm_cli.workflows.evaluating.run_evaluation import predictions_of_run
from derm_cli.workflows.predicting.class_maps import load_class_maps
from derm_cli.workflows.predicting.run_photographs import cases_of_test_part, read_photographs_of_cases
from derm_cli.workflows.predicting.views import views_of
from derm_cli.workflows.session import Session

PER_GROUP = 12
"""The most photographs of a group."""
TOLERANCE = 0.01
"""How far a probability may be from the table's: accelerators round otherwise, and other pixels say something else."""
MISTAKES, LEAST_CERTAIN, CORRECT = "Most confident mistakes", "Least certain", "Correct: the most certain of each class"
ReadPixels = Callable[[npt.NDArray[np.intp]], Pixels]


def examples_of_run(session: Session, run: RunFolder) -> tuple[ExamplePhotograph, ...]:
    """Return some of a run's test photographs under their class maps, as :func:`example_photographs` does.

    They are read from their files again.  Raises DermError where the dataset is not to be had or was changed.
    """
    # A map explains what the photograph says: so does the model without answers.
    test = predictions_without_answers(run) or predictions_of_run(run)[0]
    cases = cases_of_test_part(run).set_index("case_id", drop=False)

    def read_pixels(rows: npt.NDArray[np.intp]) -> Pixels:
        selected = cases.loc[[test.case_ids[row] for row in rows]].reset_index(drop=True)
        return read_photographs_of_cases(session, run, selected, f"--photographs cannot show run '{run.id}'")

    return example_photographs(run, test, read_pixels, views_of(session.registry, run.plan.views))


def example_photographs(
    run: RunFolder, predictions: Predictions, read_pixels: ReadPixels, views: Sequence[View] = ()
) -> tuple[ExamplePhotograph, ...]:
    """Return photographs beside themselves under the class maps of the predicted class and of one to compare it with.

    The latter is the true class, or where that was predicted, the next most probable.  A model that reads statistics of
    the whole photograph has no class maps: then the photographs are shown alone.  ``read_pixels`` gives the pixels
    of rows of ``predictions`` as the run's model gets them, uint8 (n, size, size, 3).  Raises DermError where the model
    gives other probabilities of them than ``predictions`` has.
    """
    examples = select_examples(predictions)
    if not examples:
        return ()
    pixels = read_pixels(np.array([row for _, row in examples], dtype=np.intp))
    class_maps = load_class_maps(run.sealed(layout.MODEL), run.id)
    predicted, compared = _class_pairs(predictions)
    photographs = []
    for position in progress(range(len(examples)), "Drawing class maps", total=len(examples)):
        group, row = examples[position]
        scores = class_maps(pixels[position : position + 1])[0]
        arranged = [class_maps(np.ascontiguousarray(view(pixels[position : position + 1])))[0] for view in views]
        _check_probabilities(run, predictions, row, arranged or [scores])
        picture = (
            side_by_side(pixels[position], scores[..., predicted[row]], scores[..., compared[row]])
            if class_maps.have_positions
            else pixels[position]
        )
        caption = _caption(predictions, row, int(compared[row]))
        photographs.append(ExamplePhotograph(group, caption, jpeg_data_url(picture)))
    return tuple(photographs)


def select_examples(predictions: Predictions) -> list[tuple[str, int]]:
    """Return the rows of example photographs, each with its group; none is in two.

    Confidence is the highest probability, as in selective prediction.
    """
    probabilities = predictions.probabilities
    if probabilities is None:
        return []
    wrong = predictions.labels != predictions.predictions
    by_confidence = np.argsort(-probabilities.max(axis=1), kind="stable").tolist()
    mistakes = [row for row in by_confidence if wrong[row]][:PER_GROUP]
    most_certain: dict[str, int] = {}
    for row in by_confidence:
        if not wrong[row]:
            most_certain.setdefault(str(predictions.labels[row]), row)
    correct = [most_certain[name] for name in predictions.classes if name in most_certain]
    selected = {*mistakes, *correct}
    least_certain = [row for row in reversed(by_confidence) if row not in selected][:PER_GROUP]
    without = [name for name in predictions.classes if name not in most_certain and name in predictions.labels]
    heading = f"{CORRECT} (none of {', '.join(without)} is correct)" if without else CORRECT
    groups = ((MISTAKES, mistakes), (LEAST_CERTAIN, least_certain), (heading, correct))
    return [(group, row) for group, rows in groups for row in rows]


def _class_pairs(predictions: Predictions) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the indices of the two classes whose maps are shown of each case: predicted, and compared with it."""
    assert predictions.probabilities is not None
    predicted, truth = predictions.class_indices(predictions.predictions), predictions.class_indices(predictions.labels)
    others = predictions.probabilities.copy()
    others[np.arange(len(predicted)), predicted] = -1
    return predicted, np.where(predicted == truth, others.argmax(axis=1), truth)


def _check_probabilities(
    run: RunFolder, predictions: Predictions, row: int, views: list[npt.NDArray[np.float32]]
) -> None:
    """Compare the probabilities of the photograph as it is read now with those judged: a mask may have changed.

    ``views`` are the scores at each position of what the model answers by, (h, w, classes) each.
    """
    assert predictions.probabilities is not None
    logits = np.mean([scores.mean(axis=(0, 1), dtype=np.float64, keepdims=True)[0] for scores in views], axis=0)
    difference = np.abs(softmax(logits) - predictions.probabilities[row]).max()
    if not difference <= TOLERANCE:
        raise DermError(
            f"Case '{predictions.case_ids[row]}' cannot be shown: of its photograph as it is read now, run '{run.id}' "
            f"gives a probability that is '{difference:.2g}' from the one that was judged. Put its mask back, or leave "
            "--photographs away."
        )


def _caption(predictions: Predictions, row: int, compared: int) -> str:
    assert predictions.probabilities is not None
    probabilities = dict(zip(predictions.classes, predictions.probabilities[row].tolist(), strict=True))
    label, predicted = str(predictions.labels[row]), str(predictions.predictions[row])
    second = predictions.classes[compared]
    start = f"{predictions.case_ids[row]}: predicted {predicted} ({probabilities[predicted]:.0%})"
    end = f"{second} ({probabilities[second]:.0%})"
    return f"{start}, correct; next {end}" if label == predicted else f"{start}, but is {end}"
