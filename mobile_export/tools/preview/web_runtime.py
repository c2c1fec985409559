"""onnxruntime-web, which computes in the browser: fetched once, as the package that its publisher signed off.

It is not a part of derm: its network code alone has 14 MB.  The package comes by npm where that is installed, which
knows the mirrors and proxies of a company, else from npm's public registry.  Whoever brings it, its SHA-512 must be the
one that stands here.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from derm_cli.plugin import DermError, first_line, quietly, scratch_folder, sha256_of

VERSION: Final = "1.30.0"
PACKAGE: Final = f"onnxruntime-web-{VERSION}.tgz"
ADDRESS: Final = f"https://registry.npmjs.org/onnxruntime-web/-/{PACKAGE}"
INTEGRITY: Final = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
"""The SHA-512 of the package in base64, as npm publishes it and lock files have it."""
MEGABYTES = 33
"""The size of the package, which is what is downloaded."""
FILES: Final = {
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
"""The files that are kept, by their SHA-256: the runtime for processors, and its network code."""
_TIMEOUT_SECONDS = 600


def runtime_folder(cache: Path) -> Path:
    """Return where the runtime lies in derm's cache: among other runtimes, which 'derm cache' lists and removes."""
    return cache / "runtimes" / f"onnxruntime-web-{VERSION}"


def is_there(folder: Path) -> bool:
    """Tell whether the runtime is in a folder, whole."""
    return all((folder / name).is_file() and sha256_of(folder / name) == sha256 for name, sha256 in FILES.items())


def fetch_runtime(folder: Path, package: Path | None = None) -> None:
    """Put the runtime into a folder, out of ``package`` where that is given, else out of a download.

    Raises DermError where it cannot be had, or is not the one that was published.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(".onnxruntime-web-", folder.parent) as scratch:
            found = package or _downloaded(scratch)
            _check(found)
            unpacked = scratch / "unpacked"
            unpacked.mkdir()
            with tarfile.open(found, "r:gz") as archive:
                for name in FILES:
                    member = archive.extractfile(f"package/dist/{name}")
                    if member is None:
                        raise KeyError(name)
                    with (unpacked / name).open("wb") as file:
                        shutil.copyfileobj(member, file)
            shutil.rmtree(folder, ignore_errors=True)
            unpacked.rename(folder)
    except (OSError, tarfile.TarError, KeyError) as error:
        raise DermError(
            f"onnxruntime-web cannot be put into '{folder}' ({first_line(error)}): check the permission and the space "
            "there, or name another folder with --cache."
        ) from error


def _downloaded(scratch: Path) -> Path:
    path = scratch / PACKAGE
    if _pack_by_npm(scratch) and path.is_file():
        return path
    import pooch

    pooch.get_logger().setLevel(logging.ERROR)
    try:
        with quietly():
            pooch.retrieve(ADDRESS, None, fname=PACKAGE, path=scratch, downloader=pooch.HTTPDownloader(timeout=60))
    # pooch raises what requests and urllib3 raise, which have no common base.
    except Exception as error:
        raise DermError(
            f"onnxruntime-web {VERSION} cannot be downloaded ({first_line(error)}): it is needed once; get {ADDRESS} "
            f"on another machine and give it with '--runtime {PACKAGE}'."
        ) from error
    return path


def _pack_by_npm(scratch: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    command = [npm, "pack", "--silent", f"onnxruntime-web@{VERSION}"]
    try:
        done = subprocess.run(command, cwd=scratch, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _check(package: Path) -> None:
    with package.open("rb") as file:
        found = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if found != INTEGRITY:
        raise DermError(
            f"'{package.name}' is not onnxruntime-web {VERSION} as it was published (its SHA-512 is 'sha512-{found}'): "
            f"nothing of it is used; get {ADDRESS}."
        )
