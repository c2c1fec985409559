"""Reads PyTorch weight files without PyTorch: tensors and nothing else.

A pickle can run any code when it is read.  This reader admits the few names by which PyTorch rebuilds tensors and
refuses every other, and it reads only what lies within the file.  Both layouts are known: the zip archive (PyTorch 1.6
and later) and the older stream of pickles.
"""

from __future__ import annotations

import collections
import io
import math
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import DermError

_MAGIC = 0x1950A86A20F9469CFC6C
_TYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ByteStorage": "|u1",
}


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class _Tensor:
    """A view of a storage, in elements; read when the storage is."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def read(self, content: bytes) -> npt.NDArray[Any]:
        """Return the tensor as an array of its own, whatever its strides."""
        elements = np.frombuffer(content, dtype=self.storage.dtype)
        if min((*self.size, *self.stride, self.offset), default=0) < 0 or len(self.size) != len(self.stride):
            raise ValueError(f"a tensor of size {self.size} has the strides {self.stride}")
        if math.prod(self.size) == 0:
            return np.empty(self.size, dtype=elements.dtype)
        # A stride of 0 repeats an element: no weights are stored so, and a few bytes could ask for all the memory.
        if math.prod(self.size) > len(elements):
            raise ValueError(f"a tensor of size {self.size} has a storage of {len(elements)}")
        last = self.offset + sum((size - 1) * stride for size, stride in zip(self.size, self.stride, strict=True))
        if last >= len(elements):
            raise ValueError(f"a tensor reaches to element {last} of a storage of {len(elements)}")
        strides = [stride * elements.itemsize for stride in self.stride]
        return np.lib.stride_tricks.as_strided(elements[self.offset :], self.size, strides).copy()


def _rebuild_tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise pickle.UnpicklingError("a tensor without a storage")
    return _Tensor(storage, int(offset), tuple(map(int, size)), tuple(map(int, stride)))


class _TensorUnpickler(pickle.Unpickler):
    """Admits the names that rebuild tensors, and refuses all others."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for an admitted name."""
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _TYPES:
            return np.dtype(_TYPES[name])
        raise pickle.UnpicklingError(f"it asks for '{module}.{name}', which no tensor needs")

    def persistent_load(self, pid: Any) -> _Storage:
        """Return the storage that a persistent id names."""
        kind, dtype, key = pid[:3]
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError(f"it refers to a '{kind}', which no tensor needs")
        return _Storage(str(key), dtype)


def read_tensors(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the tensors of a state dictionary by name.

    Raises DermError where the file cannot be read, is damaged, or asks for more than tensors.
    """
    try:
        with path.open("rb") as file:
            read = _read_zip if zipfile.is_zipfile(file) else _read_stream
            file.seek(0)
            return read(file)
    except OSError as error:
        raise DermError(f"The weight file '{path}' cannot be read ({error.strerror}): install it again.") from error
    # A pickle that is no pickle, or was cut short, fails in many ways.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise DermError(f"The weight file '{path}' is refused ({reason}): install it again.") from error


def _read_zip(file: BinaryIO) -> dict[str, npt.NDArray[Any]]:
    with zipfile.ZipFile(file) as archive:
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise ValueError("it is compressed, as PyTorch's files never are")
        table = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        with archive.open(table) as pickled:
            tensors = _tensors(_TensorUnpickler(pickled).load())
        folder = table.removesuffix("data.pkl")
        return _materialise(tensors, lambda key: archive.read(f"{folder}data/{key}"))


def _read_stream(file: BinaryIO) -> dict[str, npt.NDArray[Any]]:
    if _TensorUnpickler(file).load() != _MAGIC:
        raise ValueError("it is no PyTorch file")
    _TensorUnpickler(file).load()  # the version of the layout
    _TensorUnpickler(file).load()  # the system that wrote it
    tensors = _tensors(_TensorUnpickler(file).load())
    dtypes = {tensor.storage.key: tensor.storage.dtype for tensor in tensors.values()}
    keys = _TensorUnpickler(file).load()
    rest = io.BytesIO(file.read())
    contents = {}
    for key in keys:
        count = int.from_bytes(rest.read(8), "little")
        size = count * dtypes[key].itemsize
        if size > len(rest.getbuffer()) - rest.tell():
            raise ValueError("it is cut short")
        contents[key] = rest.read(size)
    return _materialise(tensors, contents.__getitem__)


def _tensors(loaded: Any) -> dict[str, _Tensor]:
    if not isinstance(loaded, dict) or not all(isinstance(tensor, _Tensor) for tensor in loaded.values()):
        raise ValueError("it is no table of tensors")
    return {str(name): tensor for name, tensor in loaded.items()}


def _materialise(tensors: dict[str, _Tensor], content: Callable[[str], bytes]) -> dict[str, npt.NDArray[Any]]:
    return {name: tensor.read(content(tensor.storage.key)) for name, tensor in tensors.items()}
