"""Whether the parts of a .keras file are as large as they say: a stranger's may be gigabytes in a few bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from mobile_export.artefact.archive import opened_archive
from mobile_export.artefact.contract import FACTS, LABELS

WEIGHTS = "model.weights.h5"
_DERMS = (FACTS, LABELS)
"""What an older derm deflated; all else is stored, by Keras too."""


def check_weights(path: Path) -> None:
    """Raise DermError where parts of a .keras file would take more memory than the file has bytes.

    That is where an entry is deflated, and where the weights, which are HDF5, are declared larger than they are, are
    packed, or lie in other files.  Nothing is inflated to see that.
    """
    size = path.stat().st_size
    with opened_archive(path) as archive:
        entries = [each for each in archive.infolist() if each.filename not in _DERMS]
        if any(each.compress_type != zipfile.ZIP_STORED for each in entries):
            raise ValueError("Keras packs no entry, but here is one")
        inflated = sum(each.file_size for each in entries)
        if inflated > size:
            raise ValueError(f"its entries would take {inflated} bytes of {size}")
        _check_arrays(archive.read(WEIGHTS))


def _check_arrays(content: bytes) -> None:
    """Raise ValueError where the arrays in an HDF5 file are not wholly in it."""
    import h5py

    total = 0
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
    if total > len(content):
        raise ValueError(f"its arrays would take {total} bytes of {len(content)}")
