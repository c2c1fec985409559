"""``--augment NAME=RANGE``."""

import pytest

from derm_cli.errors import RequestError
from derm_cli.plan import Augmentation
from derm_cli.workflows.training.augmentation_options import with_augmentation_options


def test_ranges_and_shares_are_changed_and_the_others_stay():
    changed = with_augmentation_options(Augmentation(), ("rotation=0,15", "flip=0"))
    assert changed == Augmentation(rotation=(0.0, 15.0), flip=0.0)


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("rotaton=0,15", "names no augmentation. Did you mean 'rotation'?"),
        ("rotation=15", "must give two numbers, as in rotation=1,30, none below 0"),
        ("flip=0,1", "must give a number, as in flip=0.5, none below 0"),
        ("flip=often", "must give a number"),
        ("rotation=30,1", "must give the smaller number first"),
        ("flip=1.5", "must give a share between 0 and 1"),
        ("zoom=-1,0", "none below 0"),
        ("zoom=0,inf", "must give two numbers"),
    ],
)
def test_what_is_no_range_is_refused(assignment, said):
    with pytest.raises(RequestError) as caught:
        with_augmentation_options(Augmentation(), (assignment,))
    assert said in str(caught.value)
    assert f"--augment '{assignment}'" in str(caught.value)
