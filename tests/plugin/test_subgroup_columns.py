"""A dataset's own columns of subgroups: what they can be, and the name of each value's subgroup."""

from __future__ import annotations

import pytest

from derm_cli.errors import SpecError
from derm_cli.plugin import DatasetSpec, LesionClass, SubgroupColumn
from derm_cli.plugin.subgroup_columns import subgroup_title

CAMERA = SubgroupColumn(name="camera", title="camera", kind="categories", choices=("phone", "dermatoscope"))
THICKNESS = SubgroupColumn(name="breslow", title="Breslow thickness", kind="bins", edges=(0.8, 2), unit="mm")


@pytest.mark.parametrize(
    ("column", "value", "subgroup"),
    [
        (CAMERA, "phone", "phone"),
        (THICKNESS, -1, "under 0.8 mm"),
        (THICKNESS, 0.79, "under 0.8 mm"),
        (THICKNESS, 0.8, "0.8 to under 2 mm"),
        (THICKNESS, 1.999, "0.8 to under 2 mm"),
        (THICKNESS, 2.0, "2 mm and over"),
        (THICKNESS, 400, "2 mm and over"),
        (SubgroupColumn(name="n", title="number", kind="bins", edges=(3,)), 2, "under 3"),
        (SubgroupColumn(name="n", title="number", kind="bins", edges=(3,)), 3, "3 and over"),
    ],
)
def test_a_value_is_in_one_subgroup(column, value, subgroup):
    assert column.subgroup(value) == subgroup


def test_the_title_is_the_column_of_predictions_tables():
    assert THICKNESS.column == "by_Breslow thickness"
    assert subgroup_title(THICKNESS.column) == "Breslow thickness"
    assert subgroup_title("age") == "age"


@pytest.mark.parametrize(
    ("column", "changes", "said"),
    [
        (CAMERA, {"name": "Camera"}, "field 'name' is 'Camera', but must be lower-case words joined by underscores"),
        (CAMERA, {"name": "patient"}, "field 'name' is 'patient', but must be another one, for derm has a column"),
        (CAMERA, {"name": "patient_name"}, "field 'name' is 'patient_name', but must be another one"),
        (CAMERA, {"name": "file"}, "field 'name' is 'file'"),
        (CAMERA, {"name": "by_camera"}, "field 'name' is 'by_camera', but must be another one"),
        (CAMERA, {"title": "Age"}, "field 'title' is 'Age', but must be another one, for derm has a column of that"),
        (CAMERA, {"title": ""}, "field 'title' is '', but must be a line of text"),
        (CAMERA, {"title": "a\nb"}, "but must be a line of text"),
        (CAMERA, {"title": " a"}, "but must be a line of text"),
        (CAMERA, {"kind": "text"}, "field 'kind' is 'text', but must be categories or bins"),
        (CAMERA, {"choices": ()}, "field 'choices' is (), but must be two texts or more that differ, for categories"),
        (CAMERA, {"choices": ("phone",)}, "but must be two texts or more"),
        (CAMERA, {"choices": ("phone", "phone")}, "but must be two texts or more"),
        (CAMERA, {"choices": ("phone", "unknown")}, "but must be two texts or more"),
        (CAMERA, {"choices": ("phone", " slr")}, "but must be two texts or more"),
        (CAMERA, {"edges": (1.0,)}, "field 'edges' is (1.0,), but must be numbers that ascend, one or more, for bins"),
        (THICKNESS, {"edges": ()}, "field 'edges' is ()"),
        (THICKNESS, {"edges": (2, 1)}, "field 'edges' is (2, 1)"),
        (THICKNESS, {"edges": (1, float("nan"))}, "field 'edges'"),
        (THICKNESS, {"edges": ("1",)}, "field 'edges'"),
        (THICKNESS, {"choices": ("a", "b")}, "field 'choices'"),
        (THICKNESS, {"unit": None}, "field 'unit' is None, but must be a text"),
    ],
)
def test_a_wrong_field_is_refused(column, changes, said):
    with pytest.raises(SpecError) as caught:
        SubgroupColumn(**{**vars(column), **changes})
    assert said in str(caught.value)
    assert str(caught.value).startswith("subgroup column '")


@pytest.mark.parametrize(
    ("subgroups", "fits"),
    [
        ((CAMERA, THICKNESS), True),
        ((CAMERA, CAMERA), False),
        ((CAMERA, SubgroupColumn(**{**vars(THICKNESS), "title": "Camera"})), False),
        (("camera",), False),
    ],
)
def test_columns_of_a_dataset_differ(subgroups, fits):
    texts = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-")
    classes = tuple(LesionClass(name=each, title=each) for each in "AB")
    made = {"name": "a", "title": "A", "classes": classes, "records": lambda _: None, "modality": "clinical", **texts}
    if fits:
        assert DatasetSpec(**made, subgroups=subgroups).subgroups == subgroups
    else:
        with pytest.raises(SpecError, match="dataset 'a': field 'subgroups' is "):
            DatasetSpec(**made, subgroups=subgroups)
