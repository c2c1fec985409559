"""A run's test photographs are found wherever they lie now, and are known by their contents."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from derm_cli import config
from derm_cli.errors import DermError
from derm_cli.files import sha256_of
from derm_cli.plan import Preprocessing
from derm_cli.workflows.predicting.run_photographs import read_photographs_of_cases
from derm_cli.workflows.session import Session
from tests.support import trees

RUN: Any = SimpleNamespace(
    id="one",
    plan=SimpleNamespace(target="pad-ufes-20", preprocessing=Preprocessing(size=16), keeps_test_part=True),
)


@pytest.fixture
def cases(place):
    root = trees.make_pad(place.data / "pad-ufes-20", per_class=1, size=16)
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.png"))[:3]
    photograph = root / files[0]
    files[0] = files[0].replace("PAT", "P\u00e9T")
    photograph.rename(root / files[0])
    contents = [sha256_of(root / file) for file in files]
    return pd.DataFrame({"case_id": files, "file": files, "sha256": contents})


@pytest.fixture
def session(place):
    return Session(config.load({"data": str(place.data), "cache": str(place.root / "cache")}, {}))


@pytest.mark.parametrize("way", ["decomposed", "lower", "ending"])
def test_a_photograph_that_was_moved_is_the_same(place, session, cases, way):
    before = np.array(read_photographs_of_cases(session, RUN, cases, "no"))
    root = place.data / "pad-ufes-20"
    photograph = root / cases["file"][0]
    to = {
        "decomposed": photograph.with_name(photograph.name.replace("\u00e9", "e\u0301")),
        "lower": photograph.parent / "more" / photograph.name,
        "ending": photograph.with_suffix(".jpeg"),
    }[way]
    to.parent.mkdir(exist_ok=True)
    photograph.rename(to)
    assert (np.array(read_photographs_of_cases(session, RUN, cases, "no")) == before).all()


def test_another_photograph_of_the_name_is_not_taken(place, session, cases):
    root = place.data / "pad-ufes-20"
    (root / cases["file"][0]).unlink()
    other = root / "elsewhere" / cases["file"][0].rpartition("/")[2]
    other.parent.mkdir()
    other.write_bytes((root / cases["file"][1]).read_bytes())
    with pytest.raises(DermError, match=r"cannot be shown: its test photograph '.*' is gone or changed"):
        read_photographs_of_cases(session, RUN, cases, "It cannot be shown")
