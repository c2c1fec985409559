"""A dataset's photographs replaced by vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derm_cli.data.ingesting import ingest
from derm_cli.data.locating import LocatedDataset
from derm_cli.data.preprocessing import UnreadablePhotograph
from derm_cli.data.records import read_records
from derm_cli.data.vectors import VECTOR_CONTENT, Vectors
from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing
from tests.support.painting import Painter


class MadeVectors:
    """Squares of one number each, by case."""

    dimensions, side = 5, 32

    def __init__(self, values: dict[str, int]) -> None:
        self.values = values

    def square(self, case, file):
        value = self.values.get(case, self.values.get(Path(file).stem))
        return None if value is None else np.full((32, 32, 3), value, np.uint8)


@pytest.fixture
def records(located, tmp_path):
    frame = [(name, f"{name}.png", label) for name, label in zip("abcde", "ABABA", strict=True)]
    made: LocatedDataset = located(frame, classes=("A", "B"))
    paint = Painter(("A", "B"), 40, seed=0)
    for _, name, label in frame:
        paint(tmp_path / name, label)
    (tmp_path / "c.png").write_bytes(b"no photograph")
    return read_records(made)


RULE = Preprocessing(size=32, vector=5)


def test_squares_stand_where_photographs_would(records, tmp_path):
    values = {"a": 10, "b": 20, "d": 40, "e": 50}
    vectors = Vectors(tmp_path / "v.npz", MadeVectors(values))
    assert vectors.rule == RULE
    found = ingest(records, RULE, tmp_path / "cache", vectors)
    frame = found.records.frame
    assert frame["case_id"].tolist() == ["a", "b", "d", "e"], "a file that is no photograph is dropped, as it always is"
    for case, row in zip(frame["case_id"], frame["row"], strict=True):
        assert set(np.unique(found.photographs[row])) == {values[case]}
    plain = ingest(records, Preprocessing(size=32), tmp_path / "cache").records.frame
    for column in ("sha256", "fingerprint", "quality", "focus"):
        assert frame[column].tolist() == plain[column].tolist(), "what is known of the photographs is still theirs"
    assert VECTOR_CONTENT not in plain


def test_another_vector_is_other_data(records, tmp_path):
    values = {"a": 10, "b": 20, "d": 40, "e": 50}
    hashes = [
        ingest(records, RULE, tmp_path / "cache", Vectors(tmp_path / "v", MadeVectors(values | more))).fingerprint()
        for more in ({}, {}, {"f": 1}, {"a": 11})
    ]
    assert hashes[0] == hashes[1] == hashes[2]
    assert hashes[3] != hashes[0]


def test_cases_without_a_vector_are_named(records, tmp_path):
    with pytest.raises(
        DermError, match=r"'.*v' has no vector of 2 of 4 photographs of dataset 'made', such as 'a', 'e':"
    ):
        ingest(records, RULE, tmp_path / "cache", Vectors(tmp_path / "v", MadeVectors({"b": 1, "d": 1})))


def test_without_a_file_nothing_is_made_up(records, tmp_path):
    with pytest.raises(DermError, match="are to be read as vectors, and no file of these is given"):
        ingest(records, RULE, tmp_path / "cache")


def test_a_photograph_of_no_dataset_has_its_vector_by_its_file(tmp_path):
    vectors = Vectors(tmp_path / "v", MadeVectors({"a": 7}))
    assert vectors.in_place_of_file("folder/a.jpg")[0, 0, 0] == 7
    with pytest.raises(UnreadablePhotograph, match=r"its vector is not in '.*v'"):
        vectors.in_place_of_file("folder/b.jpg")
