"""The NumPy arrays of evaluation by what they hold, for annotations."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]
"""Whole numbers that point into something: a class, a case, a severity, a cell of a table."""
Flags = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.str_]
Weights = npt.NDArray[Any]
"""How often each bootstrap draw has each case, (draws, n): whole numbers from 0, of any dtype."""
