"""Adam with one learning rate for the head and another for the blocks below it."""

from __future__ import annotations

from typing import Any

import keras


class TwoRateAdam(keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015) with one learning rate for the variables ``head`` and another for the rest.

    Adam's step does not depend on the size of the gradient, so the rates cannot be had by scaling gradients: the rate
    itself differs by variable.
    """

    def __init__(self, head_rate: float, block_rate: float, head: list[Any], **options: Any) -> None:
        super().__init__(learning_rate=head_rate, **options)
        self._ratio = block_rate / head_rate
        # Names and places, not the variables: an optimizer takes variables that it holds for its own state.
        self._head_paths = frozenset(variable.path for variable in head)
        self._head_places: frozenset[int] = frozenset()

    def build(self, variables: list[Any]) -> None:
        """Make the moments of ``variables``, and note which of them are the head's."""
        super().build(variables)
        self._head_places = frozenset(
            place for place, variable in enumerate(variables) if variable.path in self._head_paths
        )

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move one variable at its own rate."""
        in_head = self._get_variable_index(variable) in self._head_places
        super().update_step(gradient, variable, learning_rate if in_head else learning_rate * self._ratio)
