"""What is poor about a photograph, by its facts."""

import pytest

from derm_cli.data.facts import Facts
from derm_cli.data.quality import quality_of

ORDINARY = {"format": "JPEG", "width": 600, "height": 450, "mode": "RGB", "brightness": 128.0, "contrast": 30.0}


@pytest.mark.parametrize(
    ("changes", "quality"),
    [
        ({}, "no fault found"),
        ({"focus": 7.9}, "blurred"),
        ({"brightness": 39.0}, "dark"),
        ({"brightness": 236.0}, "bright"),
        ({"focus": 7.9, "brightness": 39.0}, "blurred, dark"),
        ({"contrast": 1.9, "focus": 0.0, "brightness": 3.0}, "blank"),
    ],
)
def test_faults_are_named_and_a_blank_photograph_is_nothing_else(changes, quality):
    assert quality_of(Facts(**({"focus": 50.0} | ORDINARY | changes))) == quality
