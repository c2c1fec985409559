from pathlib import Path

import matplotlib.axes
import numpy as np
import pytest
from PIL import Image

from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.plots.confusion_png import draw_confusion


def evaluation(classes: int = 3) -> Evaluation:
    """Return a synthetic evaluation; the last class has no case, and a name that is no formula."""
    names = np.array([f"class {i}" for i in range(classes - 1)] + ["$\\bad$"])
    rng = np.random.default_rng(1)
    labels, predicted = names[rng.integers(classes - 1, size=200)], names[rng.integers(classes, size=200)]
    return evaluation_of(Predictions(tuple(names.tolist()), tuple(map(str, range(200))), labels, predicted, None))


@pytest.mark.parametrize("classes", [2, 13])
def test_a_png_that_grows_with_the_classes_and_nothing_beside_it(tmp_path: Path, classes: int) -> None:
    draw_confusion(evaluation(classes), tmp_path / "matrix.png", "Run a$1_", synthetic=False)
    assert [each.name for each in tmp_path.iterdir()] == ["matrix.png"]
    with Image.open(tmp_path / "matrix.png") as picture:
        assert picture.format == "PNG"
        assert min(picture.size) >= 90 * classes
        assert np.ptp(np.asarray(picture.convert("L"))) > 200


@pytest.mark.parametrize("synthetic", [False, True])
def test_what_is_written_in_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synthetic: bool) -> None:
    titles, cells = [], {}
    title, text = matplotlib.axes.Axes.set_title, matplotlib.axes.Axes.text

    def set_title(axes: matplotlib.axes.Axes, label: str, **more: object) -> object:
        titles.append(label)
        return title(axes, label, **more)

    def put(axes: matplotlib.axes.Axes, x: int, y: int, label: str, **more: object) -> object:
        cells[int(y), int(x)] = label
        return text(axes, x, y, label, **more)

    monkeypatch.setattr(matplotlib.axes.Axes, "set_title", set_title)
    monkeypatch.setattr(matplotlib.axes.Axes, "text", put)
    drawn = evaluation()
    draw_confusion(drawn, tmp_path / "matrix.png", "Run 1", synthetic=synthetic)
    assert titles == ["Run 1, synthetic photographs" if synthetic else "Run 1"]
    support = drawn.counts[0].sum()
    for column in range(3):
        count = drawn.counts[0, column]
        assert cells[0, column] == f"{count}\n{100 * count / support:.0f} %"
    assert {row for row, _ in cells} == {0, 1}, "the row of a class without a case stays blank"


def test_a_failure_leaves_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "matrix.png"
    path.write_bytes(b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    with pytest.raises(OSError, match="disk full"):
        draw_confusion(evaluation(), path, "Run 1", synthetic=False)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["matrix.png"]
