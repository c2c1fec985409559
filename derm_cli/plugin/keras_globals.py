"""What Keras keeps for each thread outside of any model, such as how often it gave each name.

Keras has no public function for it: that it is read and set is known here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def keras_globals(names: Iterable[str]) -> dict[str, Any]:
    """Return what Keras keeps for this thread by the names of its global attributes, None of what it has not."""
    from keras.src.backend.common import global_state

    return {name: global_state.get_global_attribute(name) for name in names}


def set_keras_globals(values: Mapping[str, Any]) -> None:
    """Have Keras keep ``values`` for this thread, as :func:`keras_globals` returned them."""
    from keras.src.backend.common import global_state

    for name, value in values.items():
        global_state.set_global_attribute(name, value)
