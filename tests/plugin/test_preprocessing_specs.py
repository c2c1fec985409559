"""The spec of a step of preprocessing is checked when it is made, and gives a step that a plan can store."""

from __future__ import annotations

import pytest

from derm_cli.errors import RequestError, SpecError
from derm_cli.plugin import PreprocessingStep
from tests.support.preprocessing_steps import step_spec


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("name", "Two Words", "lower-case words joined by hyphens"),
        ("name", "none", "another name: it stands for no step"),
        ("title", "", "a text"),
        ("apply", None, "a function"),
        ("version", 0, "a positive whole number"),
        ("version", True, "a positive whole number"),
        ("version", "1", "a positive whole number"),
        ("options", ("left",), "a tuple of ComponentOption"),
        ("source", None, "a text"),
    ],
)
def test_a_wrong_field_is_refused(field, value, wanted):
    with pytest.raises(SpecError, match=f"^preprocessing step '.*': field '{field}' is .* but must be {wanted}"):
        step_spec(**{field: value})


def test_a_step_has_every_option_the_version_and_the_function():
    spec = step_spec(version=3)
    assert spec.step() == PreprocessingStep(name="dimmed", options={"left": 1}, version=3)
    assert spec.step({"left": 4}).options == {"left": 4}
    assert spec.step().apply is spec.apply
    with pytest.raises(RequestError, match="The preprocessing step 'dimmed' has no option 'right'"):
        spec.step({"right": 1})
    with pytest.raises(RequestError, match="has 'left' as '99', but it must be a whole number from 0 to 9"):
        spec.step({"left": 99})
