"""Holds steps of preprocessing to their contract: bytes that hang on pixels and options alone, for any photograph."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from derm_cli.plugin.testing.samples import sample_photographs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from derm_cli.plugin.preprocessing_specs import PreprocessingStepSpec

THREADS = 4


def check_preprocessing_step(spec: PreprocessingStepSpec) -> None:
    """Call a step with photographs of several shapes, dark, light and small, with its defaults.

    Raises AssertionError where it fails for one, where what it gives is not uint8 (h, w, 3), and where the same pixels
    do not give the same bytes: at another time, after another photograph, in another thread, in memory that lies
    otherwise.
    """
    options = spec.step().options
    photographs = dict(_photographs())
    first = {what: _changed(spec, what, pixels, options) for what, pixels in photographs.items()}
    for what, pixels in reversed(photographs.items()):
        _require_same(what, first[what], _changed(spec, what, pixels, options), "asked again, in another order,")
    with ThreadPoolExecutor(THREADS) as threads:
        found = threads.map(lambda each: _changed(spec, each[0], each[1], options), list(photographs.items()) * 2)
        for what, changed in zip([*photographs] * 2, found, strict=True):
            _require_same(what, first[what], changed, "asked by several threads at once")


def _photographs() -> Iterator[tuple[str, npt.NDArray[np.uint8]]]:
    import numpy as np

    square = sample_photographs(1)[0]
    yield "a photograph", square
    yield "an oblong photograph", np.ascontiguousarray(square[: len(square) // 2])
    yield "an upright photograph", np.ascontiguousarray(square[:, : len(square) // 2])
    yield "a black photograph", np.zeros((9, 12, 3), np.uint8)
    yield "a white photograph", np.full((12, 9, 3), 255, np.uint8)
    yield "a small photograph", np.full((8, 8, 3), 100, np.uint8)


def _changed(spec: PreprocessingStepSpec, what: str, pixels: npt.NDArray[np.uint8], options: Any) -> Any:
    import numpy as np

    try:
        # It may write into what it is given.
        changed = spec.apply(pixels.copy(), options)
    except Exception as error:
        raise AssertionError(f"for {what} of shape {pixels.shape} it fails: {error}") from error
    fits = isinstance(changed, np.ndarray) and changed.dtype == np.uint8
    assert fits, f"for {what} it gives {type(changed).__name__}, but must give an array of uint8"
    fits = changed.ndim == 3 and changed.shape[2] == 3 and changed.size > 0
    assert fits, f"for {what} of shape {pixels.shape} it gives the shape {changed.shape}, but must give (h, w, 3)"
    # What it gives may be its own memory, which it writes into the next time.
    return changed.copy()


def _require_same(what: str, first: Any, second: Any, when: str) -> None:
    import numpy as np

    assert np.array_equal(first, second), (
        f"for {what} it gives other pixels when {when}: what it gives must hang on pixels and options alone"
    )
