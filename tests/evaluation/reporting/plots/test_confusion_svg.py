import xml.etree.ElementTree as ET

import numpy as np
import pytest

from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.plots.confusion_svg import LARGE, LONGEST, SMALL, confusion_plot

SVG = "{http://www.w3.org/2000/svg}"


def evaluation(*names: str) -> Evaluation:
    """Return a synthetic evaluation of 300 cases; the last class has none."""
    rng = np.random.default_rng(1)
    classes = np.array(names)
    labels, predicted = classes[rng.integers(len(names) - 1, size=300)], classes[rng.integers(len(names), size=300)]
    return evaluation_of(Predictions(tuple(names), tuple(map(str, range(300))), labels, predicted, None), draws=0)


def rows_of(evaluated: Evaluation) -> list[list[ET.Element]]:
    root = ET.fromstring(confusion_plot(evaluated).svg)
    assert root.attrib["role"] == "table"
    return [list(row) for row in root.iter(f"{SVG}g") if row.attrib.get("role") == "row"]


def test_a_screen_reader_finds_a_table_with_every_count() -> None:
    evaluated = evaluation("MEL", "NEV", "none")
    header, *rows = rows_of(evaluated)
    assert [each.attrib["role"] for each in header] == ["columnheader"] * 4
    for class_index, row in enumerate(rows):
        assert [each.attrib["role"] for each in row] == ["rowheader", "cell", "cell", "cell"]
        support = evaluated.counts[class_index].sum()
        for column, cell in enumerate(row[1:]):
            count = evaluated.counts[class_index, column]
            label = cell.attrib["aria-label"]
            names = (evaluated.classes[class_index], evaluated.classes[column])
            if not support:
                assert label == "no case of none"
                assert not list(cell.iter(f"{SVG}text")), "the row of a class without a case stays blank"
                continue
            assert (
                label == f"{count} of {support} of {names[0]} ({100 * count / support:.0f} %) predicted as {names[1]}"
            )
            assert cell.findtext(f"{SVG}title") == label
            texts = [each.text for each in cell.iter(f"{SVG}text")]
            assert texts == ([f"{count}", f"{100 * count / support:.0f} %"] if count else ["0"])


def test_a_cell_is_the_stronger_the_larger_its_share() -> None:
    evaluated = evaluation("A", "B", "C", "none")
    for class_index, row in enumerate(rows_of(evaluated)[1:4]):
        strengths = [float(cell[1].attrib["fill-opacity"]) for cell in row[1:]]
        expected = 0.6 * evaluated.counts[class_index] / evaluated.counts[class_index].sum()
        assert strengths == pytest.approx(expected.tolist(), abs=0.001)


@pytest.mark.parametrize("count", [2, 6, 16, 17, 30])
def test_what_is_written_stays_inside_and_grows_with_the_classes(count: int) -> None:
    names = [f"a class with a rather long name {number}" if number % 3 else f"c{number}" for number in range(count)]
    plot = confusion_plot(evaluation(*names))
    root = ET.fromstring(plot.svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert plot.width == width <= 1280
    side = LARGE if count <= 16 else SMALL
    for each in root.iter(f"{SVG}rect"):
        x, y = float(each.attrib["x"]), float(each.attrib["y"])
        assert 0 <= x <= width - side + 2
        assert 0 <= y <= height - side + 2
    for each in root.iter(f"{SVG}text"):
        if each.attrib.get("role") == "rowheader":
            # A letter of 12 pixels is 7.2 at most on average; the isolates have no width.
            assert 7.2 * (len(each.text or "") - 2) < float(each.attrib["x"])
            assert len((each.text or "").partition("\u2069")[0]) <= LONGEST + 1


def test_names_are_text() -> None:
    bad = "<script>alert('x')</script> & \"co\""
    plot = confusion_plot(evaluation(bad, "נבוס", "C"))
    assert "<script" not in plot.svg
    labels = [cell.attrib["aria-label"] for row in rows_of(evaluation(bad, "נבוס", "C"))[1:] for cell in row[1:]]
    assert any(each.endswith(f"predicted as {bad}") for each in labels)
    assert "\u2068נבוס\u2069 (" in plot.svg, "its count does not change sides"
