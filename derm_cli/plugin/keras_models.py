"""Reads a Keras model from a file that may be a stranger's: no code of it is run, and it takes no more than it brings.

A few bytes can describe layers of gigabytes, which Keras makes before it looks at the weights.  So the arrays must be
wholly in the file, and the layers are first put together without their variables and compared with them.
"""

from __future__ import annotations

import copy
import io
import json
import random
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.errors import DermError, first_line
from derm_cli.plugin.keras_globals import keras_globals, set_keras_globals

if TYPE_CHECKING:
    import keras

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
MOST_CONFIG = 1 << 22
"""The most bytes of the description of a network; that of 500 layers has 400,000."""
MOST_OF_LAYER = 1 << 26
"""The most numbers that a layer may give for a photograph; a first convolution of 64 channels gives 200,000 for 224
pixels a side, and 64 million for 4,000."""
_TEXTS = ("derm.json", "labels.txt")
"""What an older derm deflated beside the network; all else is stored, by Keras too."""
PROGRAM_LAYERS = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "__lambda__")
"""Kinds of layers that carry a program."""
_KEPT = ("uninitialized_variables", "object_name_uids")
"""What Keras keeps of layers that were made, by the name of its global attribute."""


def read_keras_model(path: Path) -> keras.Model:
    """Return the model in a ``.keras`` file, with its weights, not compiled.

    Raises DermError where it is damaged, carries code, or describes more than the weights that are in it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            numbers = check_keras_parts(archive, path.stat().st_size)
            config = json.loads(archive.read(CONFIG))
        _check_kinds(config)
        _check_layers(config, numbers)
        import keras

        return keras.saving.load_model(path, compile=False, safe_mode=True)
    # Keras and h5py fail in many ways on a damaged file.
    except Exception as error:
        said = (isinstance(error, OSError) and error.strerror) or first_line(error)
        raise DermError(
            f"'{path}' is damaged, or no artefact that derm wrote ({said}): export it again with 'derm export'."
        ) from error


def check_keras_parts(archive: zipfile.ZipFile, size: int) -> int:
    """Return how many numbers the arrays have that are in the archive of a ``.keras`` file of ``size`` bytes.

    Raises ValueError where a part would take more memory than the file has bytes: an entry that is deflated, a
    description longer than any, and weights, which are HDF5, that are declared larger than they are, are packed, or lie
    in other files.  Nothing is inflated to see that.
    """
    entries = [each for each in archive.infolist() if each.filename not in _TEXTS]
    if any(each.compress_type != zipfile.ZIP_STORED for each in entries):
        raise ValueError("Keras packs no entry, but here is one")
    inflated = sum(each.file_size for each in entries)
    if inflated > size:
        raise ValueError(f"its entries would take {inflated} bytes of {size}")
    if archive.getinfo(CONFIG).file_size > MOST_CONFIG:
        raise ValueError(f"its '{CONFIG}' has {archive.getinfo(CONFIG).file_size} bytes")
    return _numbers_in(archive.read(WEIGHTS))


def _numbers_in(content: bytes) -> int:
    """Return how many numbers the arrays in an HDF5 file have; raise ValueError where they are not wholly in it."""
    import h5py

    total = numbers = 0
    with h5py.File(io.BytesIO(content), "r") as file:
        # Unlike a visit of what they lead to, one of links counts twice what is named twice.
        links: list[tuple[str, object]] = []
        file.visititems_links(lambda name, link: links.append((name, link)))
        for name, link in links:
            if not isinstance(link, h5py.HardLink):
                raise ValueError(f"its part '{name}' lies in another place")
            found = file[name]
            if isinstance(found, h5py.Dataset):
                if found.chunks or found.external or found.is_virtual:
                    raise ValueError(f"its array '{name}' is not stored as Keras does")
                total += found.nbytes
                numbers += found.size
    if total > len(content):
        raise ValueError(f"its arrays would take {total} bytes of {len(content)}")
    return numbers


def _check_kinds(config: Any) -> None:
    """Raise ValueError where a description has a layer that carries a program."""
    waiting = [config]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if each.get("class_name") in PROGRAM_LAYERS:
                raise ValueError(f"its layer of the kind '{each['class_name']}' would run a program that it carries")
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _check_layers(config: dict[str, Any], numbers: int) -> None:
    """Raise ValueError where the described layers have more weights than ``numbers``, or give more than any.

    They are put together with nothing in them.
    """
    import keras

    with _without_traces(), keras.StatelessScope(initialize_variables=False):
        model = keras.saving.deserialize_keras_object({**config, "compile_config": None}, safe_mode=True)
        if not isinstance(model, keras.Model):
            raise ValueError(f"it describes a {type(model).__name__} and no model")
        weights = sum(prod(each.shape) for each in model.weights)
        if weights > numbers:
            raise ValueError(f"its layers would take {weights} numbers, but it has {numbers}")
        for layer in model.layers:
            for output in keras.tree.flatten(layer.output):
                given = prod(side or 1 for side in output.shape[1:])
                if given > MOST_OF_LAYER:
                    raise ValueError(f"its layer '{layer.name}' would give {given} numbers for a photograph")


@contextmanager
def _without_traces() -> Iterator[None]:
    """Leave no trace of layers that are made inside: in names, in the order of random numbers, in what Keras fills."""
    before = {name: copy.copy(value) for name, value in keras_globals(_KEPT).items()}
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
        set_keras_globals(before)
