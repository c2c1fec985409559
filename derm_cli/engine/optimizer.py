"""One optimizer with a learning rate for each block and averages of the weights; a rule says how a variable moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from derm_cli.phase_options import PhaseOptions
from derm_cli.plugin import Rates, UpdateRule


class BlockOptimizer(keras.optimizers.Optimizer):
    """Moves variables by ``rule``, with a rate for each block of ``blocks``, which gives each block's variables.

    Adam's step does not depend on the size of the gradient, so the rates cannot be had by scaling gradients: the rate
    itself differs by variable.  Rates are values of the optimizer, not of the program: a block whose rate is 0 does not
    move by a bit, whatever its gradient, and :meth:`begin` starts another phase in the same program.  That needs
    ``masked``; without it every block that is optimized must move.  ``averages`` keeps an average of each variable.

    :attr:`step_values` must be set before each :meth:`apply`, in the program that takes the step: float32 (3,), the
    factor of every rate, the share of the phase that is done, and the weight of this step's weights in their average.
    """

    step_values: Any

    def __init__(
        self,
        blocks: Mapping[str, Sequence[Any]],
        rule: UpdateRule,
        options: PhaseOptions,
        masked: bool,
        averages: bool = False,
    ) -> None:
        super().__init__(learning_rate=_AsItIs(), global_clipnorm=options.clip_norm or None, name="block_optimizer")
        self.blocks = tuple(blocks)
        self._rule, self._keeps_averages, self._masked = rule, averages, masked
        # Names and indices, not the variables: an optimizer takes variables that it holds for its own state.
        self._block_of_path = {
            variable.path: index for index, variables in enumerate(blocks.values()) for variable in variables
        }
        self.rates: Any = None

    def build(self, variables: list[Any]) -> None:
        """Make the rule's slots and the averages of ``variables``, and the rates that a phase sets."""
        super().build(variables)
        self._block_of_index = [self._block_of_path[variable.path] for variable in variables]
        # This order is that of checkpoints: those of earlier versions are restored too.
        slots = self.add_optimizer_variables(variables, list(self._rule.slots))
        self._slots = [[slot[index] for slot in slots] for index in range(len(variables))]
        self.rates = self.add_variable(shape=(len(self.blocks),), dtype="float32", name="rates")
        self._averaged = self.add_variable(shape=(), dtype="float32", name="averaged")
        self._averages = self.add_optimizer_variables(variables, "average") if self._keeps_averages else []

    def begin(self, rates: Mapping[str, float]) -> None:
        """Forget what was learnt and begin a phase: the learning rate of each block, 0 where none is given."""
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
        self.rates.assign([rates.get(block, 0.0) for block in self.blocks])

    def apply(self, grads: list[Any], trainable_variables: list[Any] | None = None) -> None:
        """Move the variables, each at its block's rate, and then their averages."""
        variables = self._trainable_variables if trainable_variables is None else trainable_variables
        if self._masked:
            # A frozen block's gradient must neither fill its slots nor count in the norm that is clipped.
            moving = [self.rates[block] > 0 for block in self._block_of_index]
            grads = [ops.where(on, each, ops.zeros_like(each)) for on, each in zip(moving, grads, strict=True)]
        self._step_rates = self._rates_of_step()
        super().apply(grads, variables)
        if not self._averages:
            return
        weight = self.step_values[2]
        self._averaged.assign(ops.maximum(ops.convert_to_tensor(self._averaged), weight))
        for average, variable in zip(self._averages, variables, strict=True):
            average.assign((1.0 - weight) * average + weight * ops.convert_to_tensor(variable))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:  # noqa: ARG002
        """Move one variable at its block's rate.

        Keras's own takes the step's size anew for each variable, which makes a graph half as large again: as much
        more is traced and optimized at each compilation.
        """
        index = self._get_variable_index(variable)
        slots, (rate, corrected) = self._slots[index], self._step_rates[self._block_of_index[index]]
        # A kernel has two dimensions or more; biases and the weights of norms have one.
        rates = Rates(rate, corrected, is_kernel=len(variable.shape) > 1)
        values = [ops.convert_to_tensor(each) for each in slots]
        change, after = self._rule.update(gradient, ops.convert_to_tensor(variable), values, rates)
        for slot, value in zip(slots, after, strict=True):
            slot.assign(value)
        self.assign_sub(variable, change)

    def _rates_of_step(self) -> list[tuple[Any, Any]]:
        """Return for each block the rate of this step, annealed, and the same corrected by the rule."""
        step = ops.cast(ops.convert_to_tensor(self.iterations), "float32") + 1
        rates = ops.convert_to_tensor(self.rates) * self.step_values[0]
        corrected = self._rule.corrected(rates, step)
        return [(rates[block], corrected[block]) for block in range(len(self.blocks))]

    def moving_averages(self, variables: list[Any]) -> list[tuple[Any, Any]]:
        """Return pairs of a variable and its average, for the blocks that move; none where none is kept, or begun."""
        if not self._averages or not float(ops.convert_to_numpy(self._averaged)):
            return []
        rates = ops.convert_to_numpy(self.rates)
        indices = [index for index, block in enumerate(self._block_of_index) if rates[block] > 0]
        return [(variables[index], self._averages[index]) for index in indices]


class _AsItIs(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that Keras neither changes nor stores: each step has its own."""

    def __call__(self, step: Any) -> Any:  # noqa: ARG002
        return 1.0
