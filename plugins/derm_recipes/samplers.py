"""Samplers: which photographs an epoch shows, and in which batches.  N photographs, C classes, n_c of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from derm_cli.plugin import SamplingRequest

    Indices = npt.NDArray[np.integer[Any]]
    Draw = Callable[[SamplingRequest, np.random.Generator], Indices]


def balanced(options: Mapping[str, Any]) -> Draw:  # noqa: ARG001
    """Show in each batch as many photographs of every class (Nedelcu et al. 2021, section III: one).

    Rare classes are oversampled.  A class is sampled without replacement: none of its photographs comes again before
    each has been shown.
    """

    def draw(request: SamplingRequest, generator: np.random.Generator) -> Indices:
        steps, per_class = request.steps, request.per_class
        shuffled = [_repeat_shuffled(each, steps * per_class, generator) for each in _by_class(request)]
        stacked = np.stack(shuffled).reshape(request.classes, steps, per_class)
        return stacked.transpose(1, 0, 2).reshape(steps, -1)

    return draw


def natural(options: Mapping[str, Any]) -> Draw:  # noqa: ARG001
    """Show every photograph once; what fills the last batch is drawn anew."""

    def draw(request: SamplingRequest, generator: np.random.Generator) -> Indices:
        count = request.steps * request.classes * request.per_class
        return _repeat_shuffled(np.arange(len(request.labels)), count, generator).reshape(request.steps, -1)

    return draw


def power(options: Mapping[str, Any]) -> Draw:
    """Show class c in proportion to n_c^q (Kang et al. 2020, equation 1).

    With q = 1/2 a photograph weighs 1/sqrt(n_c).
    """

    def shares(counts: npt.NDArray[np.float64], _: float) -> npt.NDArray[np.float64]:
        raised = np.where(counts > 0, np.maximum(counts, 1) ** options["q"], 0.0)
        return raised / raised.sum()  # type: ignore[no-any-return]

    return _by_shares(shares)


def progressive(options: Mapping[str, Any]) -> Draw:  # noqa: ARG001
    """Show class c in proportion to (1 - t) n_c / N + t / C, t from 0 to 1 over the epochs.

    Kang et al. 2020, equation 2.
    """

    def shares(counts: npt.NDArray[np.float64], progress: float) -> npt.NDArray[np.float64]:
        present = (counts > 0) / np.count_nonzero(counts)
        return (1 - progress) * counts / counts.sum() + progress * present  # type: ignore[no-any-return]

    return _by_shares(shares)


def _by_shares(shares: Callable[[npt.NDArray[np.float64], float], npt.NDArray[np.float64]]) -> Draw:
    def draw(request: SamplingRequest, generator: np.random.Generator) -> Indices:
        counts = np.bincount(request.labels, minlength=request.classes).astype(np.float64)
        total = request.steps * request.classes * request.per_class
        wanted = _whole_numbers(shares(counts, request.progress) * total, generator)
        pairs = zip(_by_class(request), wanted, strict=True)
        drawn = [_repeat_shuffled(members, count, generator) for members, count in pairs if count]
        return generator.permutation(np.concatenate(drawn)).reshape(request.steps, -1)

    return draw


def _whole_numbers(expected: npt.NDArray[np.float64], generator: np.random.Generator) -> list[int]:
    """Return whole numbers of the same sum, none a whole one from what is expected of it; on average that."""
    whole = np.floor(expected + 1e-9)
    rest = np.clip(expected - whole, 0.0, None)
    missing = round(float(expected.sum() - whole.sum()))
    # One draw for all: a comb of equal teeth, laid at random over the rests.
    edges = np.concatenate([[0.0], np.cumsum(rest) * (missing / rest.sum() if missing else 0.0)])
    teeth = np.ceil(edges - generator.uniform())
    return [int(each) for each in whole + np.diff(teeth)]


def _by_class(request: SamplingRequest) -> list[Indices]:
    return [np.flatnonzero(request.labels == each) for each in range(request.classes)]


def _repeat_shuffled(items: Indices, count: int, generator: np.random.Generator) -> Indices:
    if len(items) == 0:
        raise ValueError("a class without a photograph cannot be sampled")
    rounds = -(-count // len(items))
    return np.concatenate([generator.permutation(items) for _ in range(rounds)])[:count]
