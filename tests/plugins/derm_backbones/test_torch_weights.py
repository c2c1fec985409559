"""The reader of PyTorch files, on files made by hand: PyTorch itself is not needed to write them either."""

from __future__ import annotations

import collections
import io
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest

from derm_backbones.torch_weights import read_tensors
from derm_cli.errors import DermError


class Name:
    """Pickles as a global name."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Call:
    """Pickles as a call of a global name."""

    def __init__(self, function: Name, *arguments) -> None:
        self.function, self.arguments = function, arguments


class Storage:
    def __init__(self, key: str, count: int, kind: str = "FloatStorage") -> None:
        self.id = ("storage", Name("torch", kind), key, "cpu", count)


class Writer(pickle._Pickler):
    """Writes names that cannot be imported here."""

    def persistent_id(self, value):
        return value.id if isinstance(value, Storage) else None

    def save(self, value, save_persistent_id=True):
        if isinstance(value, Name):
            self.write(f"c{value.module}\n{value.name}\n".encode())
        elif isinstance(value, Call):
            self.save(value.function)
            self.save(value.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(value, save_persistent_id)


def pickled(value) -> bytes:
    stream = io.BytesIO()
    Writer(stream, protocol=2).dump(value)
    return stream.getvalue()


def tensor(storage, offset, size, stride):
    rebuild = Name("torch._utils", "_rebuild_tensor_v2")
    return Call(rebuild, storage, offset, size, stride, False, collections.OrderedDict())


VALUES = np.arange(12, dtype="<f4")
TABLE = {
    "plain": tensor(Storage("0", 12), 0, (3, 4), (4, 1)),
    "turned": tensor(Storage("0", 12), 0, (4, 3), (1, 4)),
    "part": tensor(Storage("0", 12), 5, (2,), (3,)),
    "number": tensor(Storage("1", 1, "LongStorage"), 0, (), ()),
}


def write_stream(path, table, values=VALUES):
    content = b"".join(map(pickled, (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, table, ["0", "1"])))
    content += struct.pack("<q", len(values)) + values.tobytes() + struct.pack("<q", 1) + struct.pack("<q", 7)
    path.write_bytes(content)


def write_zip(path, table, values=VALUES):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", pickled(table))
        archive.writestr("net/data/0", values.tobytes())
        archive.writestr("net/data/1", struct.pack("<q", 7))


both = pytest.mark.parametrize("write", [write_stream, write_zip])


@both
def test_tensors_are_read_with_their_strides(tmp_path, write):
    write(tmp_path / "w.pth", TABLE)
    tensors = read_tensors(tmp_path / "w.pth")
    np.testing.assert_array_equal(tensors["plain"], VALUES.reshape(3, 4))
    np.testing.assert_array_equal(tensors["turned"], VALUES.reshape(3, 4).T)
    np.testing.assert_array_equal(tensors["part"], [5, 8])
    assert tensors["number"] == 7
    assert tensors["plain"].dtype == np.float32


@both
@pytest.mark.parametrize(("module", "name"), [("posix", "system"), ("builtins", "eval"), ("torch", "load")])
def test_a_pickle_that_asks_for_more_is_refused_and_not_run(tmp_path, write, module, name, monkeypatch):
    monkeypatch.setattr(os, "system", lambda _: pytest.fail("it was run"))
    write(tmp_path / "w.pth", {"a": Call(Name(module, name), "echo harm")})
    with pytest.raises(DermError, match=rf"w.pth' is refused \(it asks for '{module}.{name}', which no tensor needs\)"):
        read_tensors(tmp_path / "w.pth")


@both
@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        (0, (13,), (1,)),
        (1, (3, 4), (4, 1)),
        (0, (2,), (-1,)),
        (-1, (2,), (1,)),
        (0, (2,), ()),
        (0, (10**8,), (0,)),
    ],
)
def test_a_tensor_outside_its_storage_is_refused(tmp_path, write, offset, size, stride):
    write(tmp_path / "w.pth", {"a": tensor(Storage("0", 12), offset, size, stride), "b": TABLE["number"]})
    with pytest.raises(DermError, match=r"is refused \(a tensor"):
        read_tensors(tmp_path / "w.pth")


def test_a_compressed_archive_is_refused_before_it_is_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data.pkl", pickled({"a": tensor(Storage("0", 10**6), 0, (1,), (1,))}))
        archive.writestr("net/data/0", bytes(4 * 10**6))
    with pytest.raises(DermError, match=r"is refused \(it is compressed"):
        read_tensors(tmp_path / "w.pth")


def test_a_stream_that_promises_more_than_it_holds_is_refused_without_making_room(tmp_path):
    write_stream(tmp_path / "w.pth", {"a": TABLE["plain"], "b": TABLE["number"]})
    content = (tmp_path / "w.pth").read_bytes()
    promise = struct.pack("<q", len(VALUES))
    (tmp_path / "w.pth").write_bytes(content.replace(promise + VALUES.tobytes(), struct.pack("<q", 10**15)))
    with pytest.raises(DermError, match=r"is refused \(it is cut short\): install it again\.$"):
        read_tensors(tmp_path / "w.pth")


@both
def test_half_a_file_is_refused(tmp_path, write):
    path = tmp_path / "w.pth"
    write(path, TABLE)
    content = path.read_bytes()
    for size in range(0, len(content) - 9, 23):
        path.write_bytes(content[:size])
        with pytest.raises(DermError, match="is refused"):
            read_tensors(path)


@pytest.mark.parametrize("content", [b"", b"not a file of tensors", pickle.dumps([1, 2])])
def test_what_is_no_weight_file_is_refused(tmp_path, content):
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(DermError, match="is refused"):
        read_tensors(tmp_path / "w.pth")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DermError, match="cannot be read"):
        read_tensors(tmp_path / "none.pth")
