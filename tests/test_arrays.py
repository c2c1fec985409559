import json
import tracemalloc

import ml_dtypes
import numpy as np
import pytest

from derm_cli.arrays import DamagedFile, read_arrays, read_header, write_arrays

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


@pytest.mark.parametrize(
    "array",
    [
        np.float32([0.1, np.nan, -0.0, np.inf]),
        np.uint32([[1, 2**32 - 1]]),
        np.float64(3.5) * np.ones(()),
        np.zeros((0, 3), np.int64),
        np.zeros((2, 0), BFLOAT16),
        np.array([True, False]),
        np.arange(24, dtype=np.int16).reshape(2, 3, 4).transpose(2, 0, 1),
        np.arange(10, dtype=np.int8)[::3],
        np.float32([1 / 3, -2.5]).astype(BFLOAT16),
        np.array(0.7, BFLOAT16),
        np.arange(3, dtype=">i4"),
        np.array(["abc", "é"]),
    ],
    ids=lambda array: f"{array.dtype.name}{list(array.shape)}",
)
def test_dtype_shape_and_bits_come_back(tmp_path, array):
    write_arrays(tmp_path / "a.bin", {}, [array, array])
    for found in read_arrays(tmp_path / "a.bin")[1]:
        assert (found.dtype, found.shape) == (array.dtype, array.shape)
        assert found.tobytes() == array.tobytes()


def test_the_header_comes_back_with_and_without_the_arrays(tmp_path):
    header = {"name": "é\n", "numbers": [1, 0.1], "nothing": None}
    write_arrays(tmp_path / "a.bin", header, [])
    assert read_arrays(tmp_path / "a.bin") == (header, [])
    assert read_header(tmp_path / "a.bin") == header


def test_every_byte_is_guarded(tmp_path):
    path = tmp_path / "a.bin"
    write_arrays(path, {"n": 1}, [np.float32([1, 2])])
    raw = path.read_bytes()
    damaged = [raw[:cut] for cut in range(len(raw))]
    damaged += [raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :] for place in range(len(raw))]
    damaged += [raw + b"\n"]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(DamagedFile, match=r"a\.bin' is damaged"):
            read_arrays(path)


@pytest.mark.parametrize("content", [b"", b"derm arrays 1\n", b"derm arrays 1\n" + b"0" * 64 + b"\n{", b"{}", b"\xff"])
def test_a_file_without_a_header_is_named(tmp_path, content):
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(DamagedFile, match=r"a\.bin"):
        read_header(tmp_path / "a.bin")


def test_objects_are_refused_and_the_old_file_stays(tmp_path):
    write_arrays(tmp_path / "a.bin", {"n": 1}, [])
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(tmp_path / "a.bin", {"n": 2}, [np.array([object()])])
    assert read_header(tmp_path / "a.bin") == {"n": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_the_first_lines_can_be_read_by_anyone(tmp_path):
    write_arrays(tmp_path / "a.bin", {"n": 1}, [np.zeros(3)])
    _, digest, header, dtype, _ = (tmp_path / "a.bin").read_bytes().split(b"\n", 4)
    assert (len(digest), json.loads(header), json.loads(dtype)) == (64, {"n": 1}, "float64")


def test_arrays_are_not_held_twice(tmp_path):
    size, count = 2**23, 8
    tracemalloc.start()
    write_arrays(tmp_path / "a.bin", {}, (np.full(size, number, np.uint8) for number in range(count)))
    written = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    _, arrays = read_arrays(tmp_path / "a.bin")
    read = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [each[-1] for each in arrays] == list(range(count))
    assert written < 4 * size, "one array, and the copy that is written of it"
    assert read < (count + 1) * size
