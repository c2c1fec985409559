"""With which weights a phase ends: the last, their moving average, or those of its best epoch in validation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from derm_cli.engine.network import Network, own_variables, value_of
from derm_cli.engine.programs import PhaseProgram
from derm_cli.engine.validating import ValidationMetrics
from derm_cli.plan import PhaseOptions, Stage


@dataclass
class BestEpoch:
    """How the validation of a phase went so far: the best balanced accuracy, and how many epochs ago that was."""

    best: float | None = None
    waited: int = 0


class Selection:
    """Looks at the validation part after each epoch of a stage's phases, and remembers the best epoch's weights."""

    def __init__(self, network: Network, stage: Stage) -> None:
        self._network = network
        keeps = any(phase.options.best_epoch for phase in stage.phases)
        self.kept = [
            keras.Variable(value_of(each), trainable=False, dtype=each.dtype)
            for each in (own_variables(network) if keeps else [])
        ]
        self.standing = BestEpoch()

    def stops(self, options: PhaseOptions) -> bool:
        """Tell whether the phase has waited long enough for a better epoch."""
        return 0 < options.early_stopping <= self.standing.waited

    def look(self, built: PhaseProgram, options: PhaseOptions) -> ValidationMetrics | None:
        """Look at the validation part, with the averaged weights where the phase ends with them."""
        if built.validator is None:
            return None
        standing = self.standing
        with _averaged(built):
            seen = built.validator.look()
            if standing.best is None or seen.balanced_accuracy > standing.best:
                standing.best, standing.waited = seen.balanced_accuracy, 0
                if options.best_epoch:
                    _copy(own_variables(self._network), self.kept)
            else:
                standing.waited += 1
        return seen

    def end(self, built: PhaseProgram, options: PhaseOptions) -> None:
        """Leave the network with the weights that the phase ends with."""
        if options.best_epoch and self.standing.best is not None:
            _copy(self.kept, own_variables(self._network))
            return
        for variable, average in built.program.averaged():
            variable.assign(value_of(average))


@contextmanager
def _averaged(built: PhaseProgram) -> Iterator[None]:
    """Put the averaged weights into the network for a while."""
    pairs = built.program.averaged()
    before = [value_of(variable) for variable, _ in pairs]
    for variable, average in pairs:
        variable.assign(value_of(average))
    try:
        yield
    finally:
        for (variable, _), value in zip(pairs, before, strict=True):
            variable.assign(value)


def _copy(source: list[Any], target: list[Any]) -> None:
    for theirs, ours in zip(source, target, strict=True):
        ours.assign(value_of(theirs))
