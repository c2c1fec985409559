"""The largest numbers that a training can be carried out with, far above what helps: a plan within them trains.

Beyond them a generator takes no seed, float32 overflows into NaN, or memory ends.
"""

from __future__ import annotations

import math

from derm_cli.errors import RequestError

SEED = 2**32 - 1
"""What NumPy's older generator takes, which Keras seeds too."""
EPOCHS = 100_000
PER_CLASS = 1024
DEVICES = 1024
SMALLEST_RATE, LARGEST_RATE = 1e-30, 100.0
"""Of a learning rate, which is float32."""
SMALLEST_CLIP, LARGEST_CLIP = 1e-6, 1e6
DROPOUT = 0.99


def check_count(option: str, value: int, least: int, most: int) -> None:
    """Refuse a number that is not from ``least`` to ``most``."""
    if value < least:
        raise RequestError(f"{option} is '{value}', but must be {least} or more.")
    if value > most:
        raise RequestError(f"{option} is '{value}', but must be {most} or less.")


def check_rate(option: str, rate: float) -> None:
    """Refuse what is no learning rate."""
    if not (math.isfinite(rate) and rate > 0):
        raise RequestError(f"{option} is '{rate}', but a learning rate must be above 0.")
    if not is_rate(rate):
        raise RequestError(
            f"{option} is '{rate}', but a learning rate must be between {SMALLEST_RATE:g} and {LARGEST_RATE:g}."
        )


def is_rate(rate: float) -> bool:
    """Tell whether a number is a learning rate that float32 can compute with."""
    return SMALLEST_RATE <= rate <= LARGEST_RATE
