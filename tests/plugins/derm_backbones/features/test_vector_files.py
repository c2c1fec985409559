"""Files of vectors, in each form, and what is wrong with them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from derm_backbones.features.coding import standardised, to_square
from derm_backbones.features.vector_files import read_vectors
from derm_cli.plugin import DermError

NAMES = ["P1", "P2", "sub/P3.jpg"]
VECTORS = np.random.default_rng(0).normal(size=(3, 5)).astype("float32")


def npz_of_arrays(path: Path, names, vectors) -> None:
    np.savez(path, **dict(zip(names, vectors, strict=True)))


def npz_of_matrix(path: Path, names, vectors) -> None:
    np.savez(path, names=np.array(names), embeddings=np.array(vectors))


def frame_of(names, vectors, column="case_id") -> pd.DataFrame:
    return pd.DataFrame({column: names} | {f"f{place}": values for place, values in enumerate(np.array(vectors).T)})


def csv(path: Path, names, vectors) -> None:
    frame_of(names, vectors).to_csv(path, index=False, na_rep="nan")


def parquet(path: Path, names, vectors) -> None:
    frame_of(names, vectors, "file").to_parquet(path)


def parquet_of_lists(path: Path, names, vectors) -> None:
    pd.DataFrame({"embedding": [list(map(float, each)) for each in vectors], "image": names}).to_parquet(path)


FORMS = {
    npz_of_arrays: "vectors.npz",
    npz_of_matrix: "vectors.npz",
    csv: "vectors.csv",
    parquet: "vectors.parquet",
    parquet_of_lists: "vectors.parquet",
}
forms = pytest.mark.parametrize("write", FORMS, ids=lambda write: write.__name__)


@forms
def test_each_form_gives_the_same_vectors(write, tmp_path):
    write(tmp_path / FORMS[write], NAMES, VECTORS)
    found = read_vectors(tmp_path / FORMS[write])
    assert (found.dimensions, found.side) == (5, 32)
    for name, vector in zip(NAMES, standardised(VECTORS), strict=True):
        np.testing.assert_array_equal(found.square(name, "elsewhere"), to_square(vector))


@pytest.mark.parametrize(
    ("case", "file", "row"),
    [
        ("P1", "any.jpg", 0),
        ("other", "photos/P2.png", 1),
        ("other", "P2", 1),
        ("", "sub/P3.jpg", 2),
        ("other", "P3.jpg", None),
        ("p1", "p1.jpg", None),
    ],
)
def test_a_vector_is_found_by_case_path_or_name(case, file, row, tmp_path):
    npz_of_arrays(tmp_path / "vectors.npz", NAMES, VECTORS)
    found = read_vectors(tmp_path / "vectors.npz").square(case, file)
    if row is None:
        assert found is None
    else:
        np.testing.assert_array_equal(found, to_square(standardised(VECTORS)[row]))


def test_as_many_numbers_as_foundation_models_give_are_read(tmp_path):
    draw = np.random.default_rng(1)
    for dimensions, side in ((1024, 32), (6144, 79)):
        npz_of_matrix(tmp_path / "vectors.npz", NAMES, draw.normal(size=(3, dimensions)))
        found = read_vectors(tmp_path / "vectors.npz")
        assert (found.dimensions, found.side) == (dimensions, side)


@forms
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_none_is_told_with_its_place(write, value, tmp_path):
    vectors = VECTORS.copy()
    vectors[1, 3] = value
    write(tmp_path / FORMS[write], NAMES, vectors)
    with pytest.raises(DermError, match=r"The vector of 'P2' in '.*' has '(nan|inf)' at place 4"):
        read_vectors(tmp_path / FORMS[write])


@pytest.mark.parametrize("write", [npz_of_matrix, csv, parquet], ids=lambda write: write.__name__)
def test_two_vectors_of_one_name_are_refused(write, tmp_path):
    write(tmp_path / FORMS[write], ["P1", "P2", "P1"], VECTORS)
    with pytest.raises(DermError, match="has two vectors of 'P1': leave one"):
        read_vectors(tmp_path / FORMS[write])


CONSTANT = [[1.0, 2.0], [3.0, 3.0], [1.0, 4.0]]


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("v.npz", lambda path: npz_of_arrays(path, NAMES, [[1.0, 2.0], [1.0, 2.0, 3.0], [0.0, 1.0]]), "of one length"),
        ("v.npz", lambda path: npz_of_matrix(path, NAMES, CONSTANT), "'P2' in '.*' is '3' everywhere"),
        ("v.npz", lambda path: npz_of_matrix(path, NAMES, np.eye(3, 16385)), "'16385' numbers, but must have 16384"),
        ("v.npz", lambda path: npz_of_matrix(path, NAMES[:2], VECTORS), "one of names and a matrix"),
        ("v.npz", np.savez, "has no vector"),
        ("v.npz", lambda path: np.savez(path, P1=np.array([{}], dtype=object)), "cannot be read"),
        ("v.npz", lambda path: path.write_bytes(b"PK no archive"), "cannot be read"),
        ("v.parquet", lambda path: path.write_bytes(b"PAR1"), "cannot be read"),
        ("v.csv", lambda path: path.write_text("a,b\n1,2\n"), "none of the columns case_id, file"),
        ("v.csv", lambda path: path.write_text("case_id,a,b\nP1,1,two\n"), "line 2: could not convert .* 'two'"),
        ("v.csv", lambda path: path.write_text("case_id,a,b\nP1,1,2\nP2,1\n"), "'P2' in '.*' has the shape"),
        ("v.pt", lambda path: path.touch(), r"must end in .npz, .parquet, .csv"),
        ("v.npz", lambda path: None, "There is no file of vectors"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(name, write, said, tmp_path):
    write(tmp_path / name)
    with pytest.raises(DermError, match=said) as caught:
        read_vectors(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_without_the_library_of_parquet_a_sentence_names_the_extra(tmp_path, monkeypatch):
    parquet(tmp_path / "v.parquet", NAMES, VECTORS)

    def missing(path):
        raise ImportError("no engine")

    monkeypatch.setattr(pd, "read_parquet", missing)
    with pytest.raises(DermError, match=r"pip install 'derm-cli\[parquet\]', or save it as .npz"):
        read_vectors(tmp_path / "v.parquet")


def test_a_pickle_inside_is_not_run(tmp_path):
    class Harm:
        def __reduce__(self):
            return sys.exit, ("it was run",)

    np.savez(tmp_path / "v.npz", P1=np.array([Harm()], dtype=object))
    with pytest.raises(DermError, match="cannot be read"):
        read_vectors(tmp_path / "v.npz")
