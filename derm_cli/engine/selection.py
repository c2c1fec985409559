"""The weights that a phase ends with: the last, their moving average, or those of its best epoch in validation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from derm_cli.engine.network import Network, copy_value, network_variables
from derm_cli.engine.programs import PhaseProgram
from derm_cli.engine.validating import ValidationMetrics
from derm_cli.phase_options import PhaseOptions
from derm_cli.plan import Stage


@dataclass
class BestEpoch:
    """The best balanced accuracy of a phase so far, and how many epochs ago it was; a checkpoint stores these names."""

    best: float | None = None
    waited: int = 0


class WeightSelection:
    """Validates after each epoch of a stage's phases, stops them early, and keeps the best epoch's weights."""

    def __init__(self, network: Network, stage: Stage) -> None:
        self._network = network
        keeps_best = any(phase.options.best_epoch for phase in stage.phases)
        self.best_weights = [
            keras.Variable(copy_value(each), trainable=False, dtype=each.dtype)
            for each in (network_variables(network) if keeps_best else [])
        ]
        self.best_epoch = BestEpoch()

    def should_stop(self, options: PhaseOptions) -> bool:
        """Tell whether the phase has waited long enough for a better epoch."""
        return 0 < options.early_stopping <= self.best_epoch.waited

    def validate(self, phase_program: PhaseProgram, options: PhaseOptions) -> ValidationMetrics | None:
        """Return the metrics of the validation part, None without one, of averaged weights where it ends so."""
        if phase_program.validator is None:
            return None
        best_epoch = self.best_epoch
        with _averaged(phase_program):
            metrics = phase_program.validator.validate()
            if best_epoch.best is None or metrics.balanced_accuracy > best_epoch.best:
                best_epoch.best, best_epoch.waited = metrics.balanced_accuracy, 0
                if options.best_epoch:
                    _copy(network_variables(self._network), self.best_weights)
            else:
                best_epoch.waited += 1
        return metrics

    def finish_phase(self, phase_program: PhaseProgram, options: PhaseOptions) -> None:
        """Leave the network with the weights that the phase ends with."""
        if options.best_epoch and self.best_epoch.best is not None:
            _copy(self.best_weights, network_variables(self._network))
            return
        for variable, average in phase_program.program.moving_averages():
            variable.assign(copy_value(average))


@contextmanager
def _averaged(phase_program: PhaseProgram) -> Iterator[None]:
    """Put the averaged weights into the network for a while."""
    pairs = phase_program.program.moving_averages()
    before = [copy_value(variable) for variable, _ in pairs]
    for variable, average in pairs:
        variable.assign(copy_value(average))
    try:
        yield
    finally:
        for (variable, _), value in zip(pairs, before, strict=True):
            variable.assign(value)


def _copy(source: list[Any], target: list[Any]) -> None:
    for from_variable, to_variable in zip(source, target, strict=True):
        to_variable.assign(copy_value(from_variable))
