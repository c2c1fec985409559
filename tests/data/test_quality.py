"""What is poor about a photograph, by its facts."""

import pytest

from derm_cli.data.facts import Facts
from derm_cli.data.quality import QUALITY_FAULTS, quality_asked, quality_of

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


@pytest.mark.parametrize(("size", "least"), [(8, 16), (224, 112), (300, 150)])
def test_what_is_asked_of_a_photograph_are_the_limits_of_its_faults(size, least):
    asked = quality_asked(size)
    limits = {each["fault"]: (each["measure"], each["least"], each["most"]) for each in asked["limits"]}
    assert limits.keys() == {*QUALITY_FAULTS, "small"}
    assert limits["small"][:2] == ("side", least)
    assert limits["dark"][:2] == ("brightness", 40)
    assert limits["bright"][::2] == ("brightness", 235)
    assert limits["blurred"][:2] == ("focus", 8)
    assert limits["blank"][:2] == ("contrast", 2)
    assert asked["side"] == 128
