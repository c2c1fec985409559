"""Tracing the next phase's program in a thread while this phase takes its steps.

Tracing is Python on one core, and what TensorFlow makes of a trace is one core's work too; a step is taken inside
TensorFlow, without Python's lock.  What a program computes does not depend on when it was traced, nor by which thread.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from derm_cli.engine.batches import EpochBatches
from derm_cli.engine.network import LayerSettings, Network
from derm_cli.engine.program import Program
from derm_cli.plugin.keras_globals import keras_globals, set_keras_globals

SWITCH_SECONDS = 0.0001
"""How long the tracing thread may keep Python's lock while a step waits for it: a fiftieth of Python's own."""
KEPT_BY_THREAD = ("dtype_policy", "global_seed_generator", "global_random_seed", "custom_objects_scope_dict")
"""What Keras keeps for each thread, and layers that are traced may ask for, by the name of its global attribute."""
NAMES = "object_name_uids"
"""Likewise how often it gave each name."""


@dataclass(frozen=True)
class Draft:
    """A program for the phases of a wiring, and an epoch of batches such as it is for."""

    wiring: Hashable
    program: Program
    batches: EpochBatches


@dataclass(frozen=True)
class _Ahead:
    """A draft that is being traced, and what the network's layers, and Keras's count of names, were before it."""

    draft: Draft
    before: LayerSettings
    names: Any
    traced: Future[dict[str, Any]]


class TraceAhead:
    """Traces one program at a time for phases of ``network`` that have not begun."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._ahead: _Ahead | None = None

    def begin(self, build: Callable[[], Draft | None]) -> None:
        """Build a program, and have a thread trace it; nothing where ``build`` gives None.

        Layers are set for the new program at once: nothing that asks them whether they learn may be traced before
        :meth:`take`.  What goes wrong is left to the phase itself, which builds again and then fails in its own place.
        """
        self.drop()
        before, names = self._network.layer_settings(), _names()
        try:
            draft = build()
        except Exception:
            draft = None
        if draft is None:
            self._undo(before, names)
            return
        # Nothing more is submitted, so the thread ends with the trace.
        pool = ThreadPoolExecutor(1, "trace-ahead")
        traced = pool.submit(_trace, draft, keras_globals(KEPT_BY_THREAD))
        pool.shutdown(wait=False)
        self._ahead = _Ahead(draft, before, names, traced)

    @property
    def is_pending(self) -> bool:
        """Whether a program was begun that nobody has taken."""
        return self._ahead is not None

    def take(self, wiring: Hashable) -> Program | None:
        """Wait for the program that was begun, if any, and return it where it is of ``wiring`` and was traced.

        Otherwise it is thrown away, and the layers are as they were before it.
        """
        if self._ahead is None:
            return None
        # A signal may end the wait: then whoever ends the training waits once more, and finds it here.
        failed = self._ahead.traced.exception()
        ahead, self._ahead = self._ahead, None
        if failed is None and ahead.draft.wiring == wiring:
            set_keras_globals(ahead.traced.result())
            return ahead.draft.program
        self._undo(ahead.before, ahead.names)
        return None

    def drop(self) -> None:
        """Wait for the program that was begun, if any, and throw it away."""
        self.take(None)

    def _undo(self, before: LayerSettings, names: Any) -> None:
        """Leave no trace of a program, in layers or in the names of models that are made later and stored."""
        self._network.set_layers(before)
        set_keras_globals({NAMES: names})


def _trace(draft: Draft, kept_by_keras: dict[str, Any]) -> dict[str, Any]:
    """Trace and compile a program; return what Keras keeps for the thread afterwards."""
    set_keras_globals(kept_by_keras)
    with _short_switches():
        draft.program.prepare(draft.batches.inputs(0, draft.batches.indices[0]), draft.batches.targets[0])
    return keras_globals(KEPT_BY_THREAD)


@contextmanager
def _short_switches() -> Iterator[None]:
    """Hand Python's lock over sooner: each step asks for it several times."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _names() -> Any:
    """Return how many models and layers Keras gave each name to."""
    return copy.copy(keras_globals([NAMES])[NAMES])
