"""Which photographs are shown on a page, and that they are those that were judged."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.preprocessing import read_photograph
from derm_cli.engine import backend
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plan import Preprocessing
from derm_cli.workflows.evaluating.example_photographs import (
    CORRECT,
    LEAST_CERTAIN,
    MISTAKES,
    PER_GROUP,
    example_photographs,
    select_examples,
)
from tests.support import run_folders, synthetic_tables

SIZE = 32
NAMES = tuple(each.name for each in run_folders.CLASSES)


def groups_of(table):
    groups = {}
    for group, row in select_examples(table):
        groups.setdefault(group, []).append(row)
    return groups


@pytest.mark.parametrize("seed", range(5))
def test_each_group_has_what_it_says_and_no_case_is_in_two(seed):
    table = synthetic_tables.random_table(seed, 300, 5)
    groups = groups_of(table)
    assert list(groups) == [MISTAKES, LEAST_CERTAIN, CORRECT]
    confidence, wrong = table.probabilities.max(axis=1), table.labels != table.predictions
    assert len(groups[MISTAKES]) == len(groups[LEAST_CERTAIN]) == PER_GROUP
    shown = [row for rows in groups.values() for row in rows]
    assert len(set(shown)) == len(shown)

    assert wrong[groups[MISTAKES]].all()
    others = np.setdiff1d(np.flatnonzero(wrong), groups[MISTAKES])
    assert confidence[groups[MISTAKES]].min() >= confidence[others].max()
    assert (np.diff(confidence[groups[MISTAKES]]) <= 0).all()

    rest = np.setdiff1d(np.arange(300), shown)
    assert confidence[groups[LEAST_CERTAIN]].max() <= confidence[rest].min()
    assert (np.diff(confidence[groups[LEAST_CERTAIN]]) >= 0).all()

    assert table.labels[groups[CORRECT]].tolist() == list(table.classes)
    for row in groups[CORRECT]:
        same = ~wrong & (table.labels == table.labels[row])
        assert not wrong[row]
        assert confidence[row] == confidence[same].max()


def test_a_class_without_a_right_case_is_said_so():
    table = synthetic_tables.small("AAB", "AAA", "ABC", [[0.9, 0.1, 0], [0.8, 0.1, 0.1], [0.7, 0.2, 0.1]])
    assert groups_of(table) == {MISTAKES: [2], LEAST_CERTAIN: [1], f"{CORRECT} (none of B is correct)": [0]}


def test_a_table_without_probabilities_or_mistakes():
    assert select_examples(synthetic_tables.small("AB", "AB", "AB")) == []
    assert groups_of(synthetic_tables.small("AB", "AB", "AB", np.eye(2))) == {CORRECT: [0, 1]}


@pytest.fixture(scope="module")
def pixels(real_data):
    files = sorted((real_data / "pad-ufes-20" / "images").rglob("*.png"))[::40][:10]
    return np.stack([read_photograph(file, Preprocessing(size=SIZE)) for file in files])


@pytest.fixture(scope="module")
def model():
    """A network of one convolution, untrained, with a head as derm's have."""
    backend.start(seed=3)
    import keras
    from keras import layers

    entry = keras.Input((SIZE, SIZE, 3))
    flow = layers.Conv2D(8, 8, strides=8)(layers.Rescaling(1 / 127.5, offset=-1)(entry))
    flow = layers.Conv2D(2, 1, name="class_map")(flow)
    return keras.Model(entry, layers.Softmax()(layers.GlobalAveragePooling2D()(flow)))


@pytest.fixture
def judged(tmp_path, model, pixels):
    """A run of that network, and its answers about real photographs, of which some are mistakes."""
    model.save(tmp_path / "made.keras")
    run = run_folders.make_run(tmp_path / "runs", "made", tmp_path / "made.keras")
    probabilities = model.predict(pixels.astype(np.float32), verbose=0).astype(np.float64)
    predicted = np.array(NAMES)[probabilities.argmax(axis=1)]
    labels = predicted.copy()
    labels[:3] = [NAMES[1 - NAMES.index(each)] for each in predicted[:3]]
    return run, Predictions(NAMES, tuple(f"case-{row}" for row in range(len(pixels))), labels, predicted, probabilities)


def test_each_photograph_stands_beside_its_two_maps(judged, pixels):
    run, test = judged
    shown = example_photographs(run, test, lambda rows: pixels[rows])
    assert len(shown) == len(pixels)
    for each in shown:
        with Image.open(io.BytesIO(base64.b64decode(each.data_url.partition(",")[2]))) as image:
            assert (image.size, dict(image.getexif())) == ((3 * SIZE, SIZE), {})
            photograph, predicted, second = np.split(np.asarray(image).astype(int), 3, axis=1)
        row = int(each.caption.partition(":")[0].removeprefix("case-"))
        assert np.abs(photograph - pixels[row]).mean() < 15
        # With two classes, what speaks for one speaks against the other.
        greens = [panel[..., 1] - pixels[row].mean(axis=2) / 2 for panel in (predicted, second)]
        assert np.corrcoef(*(green.ravel() for green in greens))[0, 1] < -0.2
    mistakes = {each.caption for each in shown if each.group == MISTAKES}
    confident = {
        f"case-{row}: predicted {test.predictions[row]} ({test.probabilities[row].max():.0%}), but is "
        f"{test.labels[row]} ({test.probabilities[row].min():.0%})"
        for row in range(3)
    }
    assert mistakes == confident


def test_other_pixels_than_those_that_were_judged_are_refused(judged, pixels):
    run, test = judged
    with pytest.raises(DermError, match=r"Case 'case-\d' cannot be shown: of its photograph as it is read now"):
        example_photographs(run, test, lambda rows: 255 - pixels[rows])
    changed = replace(test, probabilities=test.probabilities[:, ::-1])
    with pytest.raises(DermError, match="from the one that was judged"):
        example_photographs(run, changed, lambda rows: pixels[rows])
