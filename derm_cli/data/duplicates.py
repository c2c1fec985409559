"""Photographs that look the same: pairs whose perceptual hashes differ in few bits.

Both limits are measured, on the 2,866 real photographs of two sets (docs/data-check.md has the figures).  No two
photographs of different lesions are below the first: the nearest such pair differs in 52 bits.  Of copies that were
compressed again, resized, made brighter or darker, grey or a little blurred, all are below it, and about 95 % of those
that were cropped by 2 % at each side; turned copies are below the second even where they were compressed again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from derm_cli.data.parallel import on_all_cores
from derm_cli.data.perceptual_hash import HASH_SIDE

THRESHOLD = 40
"""Bits, of 256, in which the hashes of two photographs that look the same may differ."""
TURNED = 24
"""Bits in which they may differ where one is mirrored or turned by a multiple of 90°."""
ROWS, COLUMNS = 128, 2048
"""How many hashes are compared with how many at once: what this gives stays in a processor's cache."""


def near_duplicates(fingerprints: Sequence[str]) -> npt.NDArray[np.intp]:
    """Return the pairs of rows i < j that look the same, (m, 2), in order.

    ``fingerprints`` are those of :class:`derm_cli.data.facts.Facts`; an empty one looks like no other.  Every pair is
    compared, in all eight positions of one of them.
    """
    rows = np.flatnonzero([bool(each) for each in fingerprints])
    packed = np.frombuffer(bytes.fromhex("".join(fingerprints)), dtype=np.uint8)
    bits = np.unpackbits(packed).reshape(-1, HASH_SIDE, HASH_SIDE)
    upright, transposed = _words(bits), _words(bits.transpose(0, 2, 1))

    def pairs_from(start: int) -> npt.NDArray[np.intp]:
        ours, found = upright[start : start + ROWS], []
        for begin in range(start, len(rows), COLUMNS):
            near = _near(ours, upright[begin : begin + COLUMNS], transposed[begin : begin + COLUMNS])
            first, second = np.nonzero(near)
            found.append(np.stack([first + start, second + begin], axis=1))
        pairs = np.concatenate(found)
        return pairs[pairs[:, 0] < pairs[:, 1]]

    found = list(on_all_cores(pairs_from, range(0, len(rows), ROWS), "Comparing photographs"))
    return np.asarray(rows[np.concatenate([np.empty((0, 2), dtype=np.intp), *found])], dtype=np.intp)


def clusters(count: int, pairs: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return a cluster number for each of ``count`` rows, (count,): what pairs join, also through others, shares it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.intp)


def _words(bits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return the bits of (n, 16, 16) by even and odd rows and columns: (n, 4) words of 64 bits."""
    parts = [bits[:, row::2, column::2].reshape(len(bits), HASH_SIDE**2 // 4) for row in (0, 1) for column in (0, 1)]
    return np.packbits(np.concatenate(parts, axis=1), axis=1).view(np.uint64)


def _near(
    ours: npt.NDArray[np.uint64], theirs: npt.NDArray[np.uint64], transposed: npt.NDArray[np.uint64]
) -> npt.NDArray[np.bool_]:
    """Return which of ``ours`` and ``theirs`` look the same, (n, m).

    Mirroring turns the bits of odd columns (or rows) over: of such a word's 64 bits, those that were the same differ.
    So the four words' counts give the distance in each of four positions, and in the other four once transposed.
    """
    counts = [_differing(ours, each) for each in (theirs, transposed)]
    near = np.sum(counts[0], axis=0) <= THRESHOLD
    for even, across, down, both in counts:
        straight, slanting = across + both, np.abs(across - both)
        near |= even + down + np.minimum(straight, 128 - straight) <= TURNED
        near |= even + 64 - down + 64 - slanting <= TURNED
    return np.asarray(near)


def _differing(ours: npt.NDArray[np.uint64], theirs: npt.NDArray[np.uint64]) -> list[npt.NDArray[np.int16]]:
    """Return how many bits differ, for each word, four arrays of (n, m)."""
    return [np.bitwise_count(ours[:, word, None] ^ theirs[:, word]).astype(np.int16) for word in range(4)]
