"""A stranger's .keras file is refused where its parts would take more memory than it has bytes."""

from __future__ import annotations

import io
import tracemalloc

import h5py
import numpy as np
import pytest

from derm_cli.errors import DermError
from mobile_export.formats.keras_weights import check_weights
from tests.support.artefact_files import as_older_derm_wrote, entries_of, put_together

HUGE = 1 << 30


def weights(fill) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as arrays:
        arrays["layers/dense/vars/0"] = np.zeros(8, np.float32)
        fill(arrays)
    return file.getvalue()


def entry(content, **more):
    return {"model.weights.h5": content, "config.json": b"{}", **more}


SPOILT = {
    "an array of nothing but its size": weights(lambda file: file.create_dataset("x", (HUGE,), "f4")),
    "an array in pieces, packed": weights(
        lambda file: file.create_dataset("x", data=np.zeros(100_000), chunks=True, compression="gzip")
    ),
    "an array in another file": weights(
        lambda file: file.create_dataset("x", (10,), "f4", external=[("/etc/passwd", 0, 40)])
    ),
    "a link to another file": weights(lambda file: file.__setitem__("x", h5py.ExternalLink("other.h5", "/x"))),
    "a link to another place": weights(lambda file: file.__setitem__("x", h5py.SoftLink("/layers"))),
}


@pytest.mark.parametrize("what", SPOILT)
def test_arrays_that_are_not_wholly_in_the_file_are_refused(what, tmp_path):
    path = put_together(tmp_path / "model.keras", b"", entry(SPOILT[what]))
    with pytest.raises(DermError, match=r"no artefact that derm wrote .its (array|part)"):
        check_weights(path)


def test_one_array_under_many_names_counts_as_often(tmp_path):
    large = weights(
        lambda file: [
            file.create_dataset("large", data=np.zeros(10_000, np.float32)),
            *(file.__setitem__(f"y{each}", file["large"]) for each in range(9)),
        ]
    )
    with pytest.raises(DermError, match="its arrays would take 400032 bytes"):
        check_weights(put_together(tmp_path / "model.keras", b"", entry(large)))


@pytest.mark.parametrize("name", ["model.weights.h5", "config.json", "assets/x"])
def test_a_packed_part_is_refused_before_it_is_inflated(name, tmp_path):
    parts = entry(weights(lambda _: None)) | {name: bytes(100_000_000)}
    path = put_together(tmp_path / "model.keras", b"", parts, packed=(name,))
    tracemalloc.start()
    with pytest.raises(DermError, match="Keras packs no entry"):
        check_weights(path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_part_that_lies_of_its_size_is_refused(tmp_path):
    path = put_together(tmp_path / "model.keras", b"", entry(weights(lambda _: None)))
    content = bytearray(path.read_bytes())
    start = content.rindex(b"PK\1\2")
    content[start + 24 : start + 28] = (HUGE).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(DermError, match="its entries would take"):
        check_weights(path)


def test_what_derm_writes_and_wrote_is_taken(artefacts, tmp_path):
    check_weights(artefacts["keras"])
    check_weights(as_older_derm_wrote(artefacts["keras"], tmp_path / "older.keras"))
    assert "model.weights.h5" in entries_of(artefacts["keras"])
