"""The training program that is compiled for a phase, or once for all phases of a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from derm_cli.engine.components import PhaseComponents
from derm_cli.engine.cutting import Cut
from derm_cli.engine.feeding import Feed
from derm_cli.engine.optimizer import BlockOptimizer
from derm_cli.engine.stepping import Batch, Stepper, make_stepper
from derm_cli.errors import DermError
from derm_cli.plan import Phase
from derm_cli.plugin import HEAD


@dataclass(frozen=True)
class PhotographLayers:
    """The layers before the network: those that change photographs, in order, and the one that mixes them, if any.

    ``shrinks`` tells that one of ``changes`` makes photographs smaller than the network was built for.
    """

    changes: tuple[keras.layers.Layer, ...] = ()
    mix: keras.layers.Layer | None = None
    shrinks: bool = False


class Program:
    """A training step over the part of a network above ``cut``, for every phase whose blocks are among ``unfrozen``.

    With ``on_features``, ``feed`` holds features in place of photographs.  ``switches`` are those of the blocks, where
    they freeze by value; then every block of ``unfrozen`` is optimized, and a phase's rates tell which of them move.
    """

    def __init__(
        self,
        cut: Cut,
        unfrozen: Sequence[str],
        phase: Phase,
        components: PhaseComponents,
        feed: Feed,
        *,
        front: PhotographLayers,
        dropout: keras.layers.Layer | None,
        on_features: bool,
        switches: Mapping[str, Any],
        half: bool,
        compiled: bool,
    ) -> None:
        self.cut, self.feed = cut, feed
        self._switches, network = switches, cut.network
        self._phase, self._shrinks = phase.name, front.shrinks
        self.model = _ProgramModel(cut, feed, front, dropout, on_features)
        self.block_optimizer = BlockOptimizer(
            {name: network.variables(name) for name in (HEAD, *unfrozen)},
            components.rule,
            phase.options,
            masked=bool(switches),
            averages=components.average is not None,
        )
        # Gradients of a float16 network are too small for float16 unless the loss is scaled (Micikevicius et al. 2018).
        self.optimizer = keras.optimizers.LossScaleOptimizer(self.block_optimizer) if half else self.block_optimizer
        self._learning = list(self.model.trainable_variables)
        self.optimizer.build(self._learning)
        self._loss_scaling = [
            (variable, np.array(keras.ops.convert_to_numpy(variable)))
            for variable in self.optimizer.variables
            if not any(variable is each for each in self.block_optimizer.variables)
        ]
        self.stepper: Stepper = make_stepper(self.model, self.optimizer, components.loss, compiled)
        self.compiled = self._prepared = False

    def begin(self, phase: Phase) -> None:
        """Start a phase: a fresh optimizer, the phase's rates, its blocks unfrozen."""
        self.block_optimizer.begin(block_rates(phase))
        for variable, value in self._loss_scaling:
            variable.assign(value)
        for name, switch in self._switches.items():
            switch.assign(float(name in phase.blocks))

    def compile(self, inputs: Batch, targets: np.ndarray[Any, Any]) -> None:
        """Compile for batches like this one, where :meth:`prepare` did not."""
        if not self._prepared:
            self.prepare(inputs, targets)
        self.compiled = True

    def prepare(self, inputs: Batch, targets: np.ndarray[Any, Any]) -> None:
        """Trace and compile for batches like this one; may run in a thread of its own, before :meth:`begin`."""
        try:
            self.stepper.trace(inputs, targets)
        except (TypeError, ValueError) as error:
            if not self._shrinks:
                raise
            raise DermError(
                f"Phase '{self._phase}' has a scale, but the backbone takes photographs of its own size alone: leave "
                f"--phase scale out. It said: {str(error).splitlines()[0]}"
            ) from error
        self.stepper.compile()
        self._prepared = True

    def moving_averages(self) -> list[tuple[Any, Any]]:
        """Return pairs of a variable and its moving average, for what moves; none where the phase keeps no average."""
        return self.block_optimizer.moving_averages(self._learning)


def block_rates(phase: Phase) -> dict[str, float]:
    """Return the learning rate of each block that learns in a phase, before annealing.

    ``phase.blocks`` stand from the top, so each is one block deeper than the one before it.
    """
    decay = phase.options.depth_decay
    return {HEAD: phase.head_rate} | {name: phase.block_rate * decay**depth for depth, name in enumerate(phase.blocks)}


class _ProgramModel(keras.Model):
    """Rows of the feed to logits.

    Its layers are called where a step is traced and nowhere else: a functional model would call each of them once more
    to be made, which takes a third of a second for a network of 150 layers.
    """

    def __init__(
        self, cut: Cut, feed: Feed, front: PhotographLayers, dropout: keras.layers.Layer | None, on_features: bool
    ) -> None:
        super().__init__(dtype="float32", autocast=False, name="program")
        self.look_up = feed.layer
        self.changes = () if on_features else front.changes
        self.mix = None if on_features else front.mix
        self.below = None if on_features else cut.below
        self.shrinks = front.shrinks and not on_features
        self.body, self.dropout = cut.body, dropout
        self.network, self.head = cut.network, cut.network.head
        self.built = True

    def call(self, inputs: Sequence[Any], training: bool = False) -> Any:
        """Return logits for rows and, with mixup, partners and shares."""
        flow = self.look_up(inputs[0])
        for layer in self.changes:
            flow = layer(flow)
        if self.mix is not None:
            flow = self.mix(flow, *inputs[1:])
        # Below the lowest block that learns all is in inference mode, dropout too: that part is a fixed function.
        features = keras.tree.flatten(flow if self.below is None else self._apply(self.below, flow, False))
        if self.body is not None:
            features = keras.tree.flatten(self._apply(self.body, features, training))
        (flow,) = features
        if self.dropout is not None:
            flow = self.dropout(flow, training=training)
        return self.network.apply_head(flow)

    def _apply(self, part: keras.Model, inputs: Any, training: bool) -> Any:
        # A functional model's __call__ insists on the size that it was built for; its layers do not.
        return part.call(inputs, training=training) if self.shrinks else part(inputs, training=training)
