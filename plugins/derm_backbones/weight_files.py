"""Loads the weight files of keras.applications, from the folder where Keras keeps them, and downloads them to it."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import keras

from derm_backbones.weights import CHECKSUMS
from derm_cli.plugin import DermError, WeightSource, first_line, warn

_HDF5_SIGNATURE = b"\x89HDF"
# Keras sets no limit, so where a firewall drops what it should refuse, it would wait for minutes.
_TIMEOUT_SECONDS = 10.0


def load_weights(model: keras.Model, backbone: str, source: WeightSource) -> None:
    """Load the file that Keras downloads, layer by layer in order: Keras refuses one that has more, fewer or others.

    Raises DermError, which names the ``backbone``, where the file cannot be downloaded, read or does not fit.
    """
    path = _keras_home() / "models" / source.file
    if not path.exists():
        _download(backbone, source, path)
    try:
        _warn_of_other_file(path)
        model.load_weights(path)
    # h5py and Keras fail in many ways on a file that is damaged or another network's.
    except Exception as error:
        raise DermError(
            f"The weights of '{backbone}' in '{path}' do not fit ({first_line(error, 200)}): remove the file and put "
            f"{source.address} in its place."
        ) from error


def _keras_home() -> Path:
    """Return the folder where Keras keeps its files, as it is set now: Keras itself looks when it is imported."""
    path = os.environ.get("KERAS_HOME") or "~/.keras"
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise DermError(
            f"There is no home folder for '{path}', where Keras keeps weights: name a folder by KERAS_HOME."
        ) from None


@cache
def _warn_of_other_file(path: Path) -> None:
    if path.is_file() and path.name in CHECKSUMS and not _has_checksum(path, CHECKSUMS[path.name]):
        warn(f"'{path}' is not the file that Keras publishes (its checksum differs): its weights are used as they are.")


def _download(backbone: str, source: WeightSource, path: Path) -> None:
    """Let Keras download to a folder beside ``path``, so that there is no file until it is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Keras reports on standard output, where derm's JSON goes.
        with TemporaryDirectory(dir=path.parent) as folder, redirect_stdout(sys.stderr), _limited_timeout():
            downloaded = keras.utils.get_file(
                source.file,
                source.address,
                cache_dir=folder,
                cache_subdir="",
                file_hash=CHECKSUMS.get(source.file),
                hash_algorithm="auto",
            )
            with Path(downloaded).open("rb") as file:
                if file.read(len(_HDF5_SIGNATURE)) != _HDF5_SIGNATURE:
                    raise ValueError("what came is no HDF5 file")
            Path(downloaded).replace(path)
    # Keras raises a bare Exception where the address cannot be reached.
    except Exception as error:
        raise DermError(
            f"The ImageNet weights of '{backbone}' cannot be downloaded ({first_line(error, 200)}): get "
            f"'{source.file}' from {source.address} and put it in the folder '{path.parent}'."
        ) from error


@contextmanager
def _limited_timeout() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _has_checksum(path: Path, published: str) -> bool:
    """Tell whether a file has the MD5, or the SHA-256 where that is as long, that was ``published``."""
    algorithm = "sha256" if len(published) == 64 else "md5"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False))
    return digest.hexdigest() == published
