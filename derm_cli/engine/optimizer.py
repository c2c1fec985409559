"""Adam with a learning rate for each block, annealing and averages, all of which a phase sets as values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from derm_cli.plan import Phase, PhaseOptions


class BlockAdam(keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015) with a learning rate for each block of ``blocks``, which gives each block's variables.

    Adam's step does not depend on the size of the gradient, so the rates cannot be had by scaling gradients: the rate
    itself differs by variable.  Rates are values of the optimizer, not of the program: a block whose rate is 0 does not
    move by a bit, whatever its gradient, and :meth:`begin` starts another phase in the same program.  That needs
    ``masked``; without it every block that is optimized must move.  Of ``options``, ``clip_norm`` and ``ema`` are part
    of the program.
    """

    def __init__(
        self, blocks: Mapping[str, Sequence[Any]], options: PhaseOptions, masked: bool, **settings: Any
    ) -> None:
        super().__init__(
            learning_rate=_Annealing(), global_clipnorm=options.clip_norm or None, name="block_adam", **settings
        )
        self.blocks = tuple(blocks)
        self._decay, self._masked = options.ema, masked
        # Names and indices, not the variables: an optimizer takes variables that it holds for its own state.
        self._block_of_path = {
            variable.path: index for index, variables in enumerate(blocks.values()) for variable in variables
        }
        self.rates: Any = None
        self._learning_rate.optimizer = self

    def build(self, variables: list[Any]) -> None:
        """Make the moments and averages of ``variables``, and the values that a phase sets."""
        super().build(variables)
        self._block_of_index = [self._block_of_path[variable.path] for variable in variables]
        self.rates = self.add_variable(shape=(len(self.blocks),), dtype="float32", name="rates")
        self.horizon = self.add_variable(shape=(), dtype="float32", name="horizon")
        self._averages = self.add_optimizer_variables(variables, "average") if self._decay else []

    def begin(self, rates: Mapping[str, float], horizon: int) -> None:
        """Forget what was learnt and begin a phase: the learning rate of each block, 0 where none is given.

        Rates fall to 0 along half a cosine over ``horizon`` steps; with 0 they stay.
        """
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
        self.rates.assign([rates.get(block, 0.0) for block in self.blocks])
        self.horizon.assign(float(horizon))

    def apply(self, grads: list[Any], trainable_variables: list[Any] | None = None) -> None:
        """Move the variables, each at its block's rate, and then their averages."""
        variables = self._trainable_variables if trainable_variables is None else trainable_variables
        if self._masked:
            # A frozen block's gradient must neither fill its moments nor count in the norm that is clipped.
            moving = [self.rates[block] > 0 for block in self._block_of_index]
            grads = [ops.where(on, each, ops.zeros_like(each)) for on, each in zip(moving, grads, strict=True)]
        self._step_sizes = self._compute_step_sizes()
        super().apply(grads, variables)
        first = ops.equal(ops.convert_to_tensor(self.iterations), 1)
        for average, variable in zip(self._averages, variables if self._decay else (), strict=True):
            value = ops.convert_to_tensor(variable)
            average.assign(ops.where(first, value, self._decay * average + (1.0 - self._decay) * value))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:  # noqa: ARG002
        """Move one variable at its block's rate (Kingma and Ba 2015, the end of section 2).

        Keras's own takes the step's size anew for each variable, which makes a graph half as large again: as much
        more is traced and optimized at each compilation.
        """
        index = self._get_variable_index(variable)
        moment, velocity = self._momentums[index], self._velocities[index]
        self.assign_add(moment, (gradient - moment) * (1 - self.beta_1))
        self.assign_add(velocity, (ops.square(gradient) - velocity) * (1 - self.beta_2))
        size = self._step_sizes[self._block_of_index[index]]
        self.assign_sub(variable, (moment * size) / (ops.sqrt(velocity) + self.epsilon))

    def _compute_step_sizes(self) -> list[Any]:
        """Return for each block the size of this step: its rate, annealed, and corrected for the moments' bias."""
        step = ops.cast(ops.convert_to_tensor(self.iterations), "float32") + 1
        rates = ops.convert_to_tensor(self.rates) * self._get_current_learning_rate()
        # In this order, which is Keras's, the bits are Keras's too.
        sizes = rates * ops.sqrt(1 - ops.power(self.beta_2, step)) / (1 - ops.power(self.beta_1, step))
        return [sizes[block] for block in range(len(self.blocks))]

    def moving_averages(self, variables: list[Any]) -> list[tuple[Any, Any]]:
        """Return pairs of a variable and its moving average, for the blocks that move; none without ``ema``."""
        rates = ops.convert_to_numpy(self.rates)
        indices = [index for index, block in enumerate(self._block_of_index) if rates[block] > 0]
        return [(variables[index], self._averages[index]) for index in indices] if self._decay else []


class _Annealing(keras.optimizers.schedules.LearningRateSchedule):
    """The factor of every rate at a step: 1, or half a cosine over the phase (Loshchilov and Hutter 2017, eq. 5)."""

    optimizer: BlockAdam

    def __call__(self, step: Any) -> Any:
        horizon = ops.convert_to_tensor(self.optimizer.horizon)
        share = ops.minimum(ops.cast(ops.convert_to_tensor(step), "float32") / ops.maximum(horizon, 1.0), 1.0)
        return ops.where(horizon > 0, 0.5 * (1.0 + ops.cos(math.pi * share)), 1.0)


def annealing_steps(phase: Phase, steps: int) -> int:
    """Return the steps over which a phase of so many steps an epoch anneals its rates; 0 where they stay."""
    return steps * phase.epochs if phase.options.annealing == "cosine" else 0


def annealing_factor(step: int, horizon: int) -> float:
    """Return the factor of the rates at a step (from 0), as :class:`BlockAdam` applies it."""
    return 0.5 * (1.0 + math.cos(math.pi * min(step / horizon, 1.0))) if horizon else 1.0
