"""A place with a study of two rows that somebody trained, by hand."""

from __future__ import annotations

import pytest

from derm_cli.studies.asking.spec import StudyRow
from tests.support.studies import made_session, made_study, twenty_answers

ROWS = (StudyRow("first", {}, {"accuracy": 0.4}), StudyRow("second", {}))


@pytest.fixture
def studied(place):
    """The place, with the study 'made'."""
    given = {("first", 0, 0): twenty_answers(8), ("second", 0, 0): twenty_answers(2)}
    made_study(made_session(place.root), ROWS, given, {key: twenty_answers(5) for key in given})
    return place


@pytest.fixture
def study_file(place):
    """A study of two chains of made trees, as a file."""
    from tests.support import trees

    trees.make_ham(place.data / "ham10000", per_class=4)
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    path = place.root / "chains.toml"
    path.write_text(
        'title = "Which chain"\n[options]\nbackbone = "effnet-lite0"\nsize = 32\n'
        '[grid]\nchain = ["imagenet,pad-ufes-20", "imagenet,ham10000,pad-ufes-20"]\n'
    )
    return path
