"""The largest numbers that a training can be carried out with, far above what helps: a plan within them trains.

Beyond them a generator takes no seed, float32 overflows into NaN, or memory ends.
"""

from __future__ import annotations

import math

from derm_cli.errors import RequestError
from derm_cli.plan import Augmentation

SEED = 2**32 - 1
"""What NumPy's older generator takes, which Keras seeds too."""
EPOCHS = 100_000
PER_CLASS = 1024
DEVICES = 1024
SMALLEST_RATE, LARGEST_RATE = 1e-30, 100.0
"""Of a learning rate, which is float32."""
MIXUP = 1000.0
"""Of Beta's alpha: with it all shares are one half already."""
SMALLEST_CLIP, LARGEST_CLIP = 1e-6, 1e6
DROPOUT = 0.99
EMA = 0.999999
"""Nearer to 1, float32 has no number below it that an average could move by."""

AUGMENTATION = {"rotation": 360.0, "flip": 1.0, "zoom": 10.0, "shift": 10.0, "brightness": 100.0, "probability": 1.0}
"""Of each range of :class:`derm_cli.plan.Augmentation`."""


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


def check_augmentation(augmentation: Augmentation) -> None:
    """Refuse ranges that are none, or reach beyond what float32 can compute with."""
    for name, most in AUGMENTATION.items():
        value = getattr(augmentation, name)
        numbers = value if isinstance(value, tuple) else (value,)
        if not all(0 <= number <= most for number in numbers) or list(numbers) != sorted(numbers):
            shown = ",".join(f"{number:g}" for number in numbers)
            raise RequestError(f"--augment '{name}={shown}' must be within 0 and {most:g}, the smaller number first.")
