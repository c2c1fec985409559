"""Near duplicates: pairs of photographs whose perceptual hashes differ in few bits.

Both limits are measured, on the 2,866 real photographs of two sets (docs/guides/data-check.md has the figures).  No two
photographs of different lesions are below the first: the nearest such pair differs in 52 bits.  Of copies that were
compressed again, resized, made brighter or darker, grey or a little blurred, all are below it, and about 95 % of those
that were cropped by 2 % at each side; turned copies are below the second even where they were compressed again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.parallel import on_all_cores
from derm_cli.data.perceptual_hash import HASH_SIDE

Pairs = npt.NDArray[np.intp]
"""Pairs of rows, (m, 2)."""
NO_PAIRS: Pairs = np.empty((0, 2), dtype=np.intp)
THRESHOLD = 40
"""Bits, of 256, in which the hashes of two photographs that look the same may differ."""
TURNED_THRESHOLD = 24
"""Bits in which they may differ where one is mirrored or turned by a multiple of 90°."""
ROWS, COLUMNS = 128, 2048
"""How many hashes are compared with how many at once: what this gives stays in a processor's cache."""


def near_duplicates(fingerprints: Sequence[str]) -> Pairs:
    """Return the pairs of rows i < j that look the same, (m, 2), in order.

    ``fingerprints`` are those of :class:`derm_cli.data.facts.Facts`; an empty one looks like no other.  Every pair is
    compared, in all eight orientations of one of them.
    """
    rows = np.flatnonzero([bool(each) for each in fingerprints])
    packed = np.frombuffer(bytes.fromhex("".join(fingerprints)), dtype=np.uint8)
    bits = np.unpackbits(packed).reshape(-1, HASH_SIDE, HASH_SIDE)
    upright, transposed = _words(bits), _words(bits.transpose(0, 2, 1))

    def pairs_from(start: int) -> Pairs:
        block, pairs_by_column = upright[start : start + ROWS], []
        for column in range(start, len(rows), COLUMNS):
            near = _is_near(block, upright[column : column + COLUMNS], transposed[column : column + COLUMNS])
            first, second = np.nonzero(near)
            pairs_by_column.append(np.stack([first + start, second + column], axis=1))
        pairs = np.concatenate(pairs_by_column)
        return pairs[pairs[:, 0] < pairs[:, 1]]

    pairs_by_block = list(on_all_cores(pairs_from, range(0, len(rows), ROWS), "Comparing photographs"))
    return np.asarray(rows[np.concatenate([NO_PAIRS, *pairs_by_block])], dtype=np.intp)


def clusters(count: int, pairs: Pairs) -> npt.NDArray[np.intp]:
    """Return a cluster number for each of ``count`` rows, (count,): what pairs join, also through others, shares it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.intp)


def pairs_within(pairs: Pairs, start: int, end: int) -> Pairs:
    """Return the pairs between rows from ``start`` to before ``end``, counted from ``start``."""
    return np.asarray(pairs[((pairs >= start) & (pairs < end)).all(axis=1)] - start)


def pairs_table(frame: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    """Return the pairs of ``frame``'s rows by name: columns dataset, case_id, other_dataset, other_case_id."""
    first, second = (frame.iloc[pairs[:, side]][["dataset", "case_id"]].reset_index(drop=True) for side in (0, 1))
    return pd.concat([first, second.rename(columns="other_{}".format)], axis=1)


def _words(bits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return the bits of (n, 16, 16) by even and odd rows and columns: (n, 4) words of 64 bits."""
    quarters = [bits[:, row::2, column::2].reshape(len(bits), HASH_SIDE**2 // 4) for row in (0, 1) for column in (0, 1)]
    return np.packbits(np.concatenate(quarters, axis=1), axis=1).view(np.uint64)


def _is_near(
    first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64], second_transposed: npt.NDArray[np.uint64]
) -> npt.NDArray[np.bool_]:
    """Return which of ``first`` and ``second`` look the same, (n, m).

    Mirroring turns the bits of odd columns (or rows) over: of such a word's 64 bits, those that were the same differ.
    So the four words' counts give the distance in each of four orientations, and in the other four once transposed.
    """
    counts = [_differing_bits(first, each) for each in (second, second_transposed)]
    near = np.sum(counts[0], axis=0) <= THRESHOLD
    for even, across, down, both in counts:
        straight, slanting = across + both, np.abs(across - both)
        near |= even + down + np.minimum(straight, 128 - straight) <= TURNED_THRESHOLD
        near |= even + 64 - down + 64 - slanting <= TURNED_THRESHOLD
    return np.asarray(near)


def _differing_bits(first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64]) -> list[npt.NDArray[np.int16]]:
    """Return how many bits differ, for each word, four arrays of (n, m)."""
    return [np.bitwise_count(first[:, word, None] ^ second[:, word]).astype(np.int16) for word in range(4)]
