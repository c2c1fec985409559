"""The programs of a stage: one a phase, or one for all phases that are wired alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from derm_cli.engine.batches import EpochBatches
from derm_cli.engine.clock import BUILDING, COMPILING, FEATURES, Clock
from derm_cli.engine.components import PhaseComponents, augmentation_layer
from derm_cli.engine.cutting import Cut, cut_network
from derm_cli.engine.features import compute_features, feature_bytes
from derm_cli.engine.feeding import Feed, PhotographSource
from derm_cli.engine.head_start import AugmentedPhotographs
from derm_cli.engine.network import Network
from derm_cli.engine.program import PhotographLayers, Program
from derm_cli.engine.regularization import ChannelDropout, Mix
from derm_cli.engine.shrinking import shrink_for
from derm_cli.engine.stage_inputs import ComputeOptions, StageInputs
from derm_cli.engine.trace_ahead import Draft, TraceAhead
from derm_cli.engine.validating import Validator
from derm_cli.phase_options import PhaseOptions
from derm_cli.plan import Phase, Stage


@dataclass(frozen=True)
class PhaseProgram:
    """A program and the validator of its network, None without a validation part."""

    program: Program
    validator: Validator | None


class Programs:
    """Builds the programs of a stage when a phase first needs them.

    ``switches`` are those of the blocks of a network that freezes by value; without them a program serves one phase and
    is forgotten at the next.
    """

    def __init__(
        self,
        network: Network,
        stage: Stage,
        inputs: StageInputs,
        compute: ComputeOptions,
        clock: Clock,
        *,
        switches: Mapping[str, Any],
    ) -> None:
        self._network, self._stage, self._inputs = network, stage, inputs
        self._compute, self._clock, self._switches = compute, clock, switches
        self._augment = (
            augmentation_layer(inputs.augmentation, inputs.seed, inputs.components) if inputs.augmentation else None
        )
        self._dropouts = {
            rate: ChannelDropout(rate, seed=inputs.seed, dtype="float32")
            for rate in sorted({phase.options.dropout for phase in stage.phases} - {0.0})
        }
        self._ahead = TraceAhead(network)
        self._photographs: Feed | None = None
        self._phase_programs: dict[tuple[object, ...], PhaseProgram] = {}

    def __len__(self) -> int:
        return len(self._phase_programs)

    @property
    def generators(self) -> list[Any]:
        """The states of the random generators outside the network, in an order that depends on the stage alone."""
        augment = [] if self._augment is None else [self._augment.generator.state]
        return augment + [layer.seed_generator.state for layer in self._dropouts.values()]

    def augmented_copies(self, options: PhaseOptions) -> list[PhotographSource]:
        """Return the augmented copies of all photographs that a phase's head begins with; none without augmentation."""
        if self._augment is None:
            return []
        return [AugmentedPhotographs(self._inputs.photographs, self._augment)] * options.head_copies

    def program_for(self, phase: Phase, components: PhaseComponents) -> PhaseProgram:
        """Return the program that trains ``phase``, and set the network's layers to learn what it can move.

        ``components`` are those of the phase.
        """
        wiring = self._wiring(phase, components)
        ahead = self._traced_ahead(wiring)
        if wiring not in self._phase_programs:
            if not self._switches:
                self._phase_programs.clear()
            program = ahead or self._program(phase, components, self._cut(phase), self._front(phase, components))
            self._phase_programs[wiring] = PhaseProgram(program, self._validator(program))
        return self._phase_programs[wiring]

    def trace_ahead(self, phase: Phase, parts: Callable[[], tuple[PhaseComponents, EpochBatches]]) -> None:
        """Have the program of the phase that comes next traced in a thread, where it has one of its own.

        ``parts`` gives the phase's components, and an epoch of its batches.  Nothing that asks layers whether they
        learn may be traced before :meth:`program_for` or :meth:`drop_ahead`.
        """

        def build() -> Draft | None:
            components, batches = parts()
            wiring = self._wiring(phase, components)
            if wiring in self._phase_programs:
                return None
            cut, front = self._cut(phase), self._front(phase, components)
            if self._keeps_features(cut, front):
                # They are computed as the phase begins, by the network as it is then.
                return None
            return Draft(wiring, self._program(phase, components, cut, front), batches)

        if not self._switches:
            self._ahead.begin(build)

    def drop_ahead(self) -> None:
        """Wait for what is traced ahead, if anything, and throw it away."""
        self._ahead.drop()

    def _traced_ahead(self, wiring: Hashable) -> Program | None:
        """Wait for what is traced ahead, if anything, and return it where it is of ``wiring``."""
        if not self._ahead.is_pending:
            return None
        with self._clock(COMPILING):
            return self._ahead.take(wiring)

    def _wiring(self, phase: Phase, components: PhaseComponents) -> tuple[object, ...]:
        """Return what makes a program another: two phases with the same can share one."""
        unfrozen, options = self._unfrozen(phase), phase.options
        boxed = components.mixing.boxed if components.mixing else None
        averages = components.average is not None
        return (
            *(unfrozen, options.loss, options.optimizer, boxed, averages),
            *(options.augment, options.scale, options.frozen_norms, options.dropout, options.clip_norm),
        )

    def _unfrozen(self, phase: Phase) -> tuple[str, ...]:
        """Return the blocks that the phase's program can move."""
        if not self._switches:
            return phase.blocks
        wanted = {block for each in self._stage.phases for block in each.blocks}
        return tuple(name for name in self._network.blocks if name in wanted)

    def _cut(self, phase: Phase) -> Cut:
        """Set the network's layers to learn what the phase's program can move, and cut it below them."""
        unfrozen = self._unfrozen(phase)
        with self._clock(BUILDING):
            self._network.unfreeze(unfrozen, self._inputs.norm_momentum, phase.options.frozen_norms)
            return cut_network(self._network, unfrozen)

    def _program(self, phase: Phase, components: PhaseComponents, cut: Cut, front: PhotographLayers) -> Program:
        compute = self._compute
        feed, on_features = self._feed(cut, front)
        with self._clock(BUILDING):
            return Program(
                cut,
                self._unfrozen(phase),
                phase,
                components,
                feed,
                front=front,
                dropout=self._dropouts.get(phase.options.dropout),
                on_features=on_features,
                switches=self._switches,
                half=compute.half,
                compiled=compute.compiled,
            )

    def _validator(self, program: Program) -> Validator | None:
        inputs, compute = self._inputs, self._compute
        if inputs.validation is None:
            return None
        with self._clock(FEATURES):
            return Validator(program.cut, inputs.validation, compute.resident_bytes, compute.compiled)

    def _front(self, phase: Phase, components: PhaseComponents) -> PhotographLayers:
        augment = self._augment if phase.options.augment else None
        shrink = shrink_for(self._network.model, phase.options.scale)
        changes = tuple(layer for layer in (augment, shrink) if layer is not None)
        return PhotographLayers(changes, Mix() if components.mixing else None, shrinks=shrink is not None)

    def _keeps_features(self, cut: Cut, front: PhotographLayers) -> bool:
        """Tell whether features at the cut can be kept in place of photographs, and fit."""
        if front.changes or front.mix or not cut.features_can_be_cached:
            return False
        return feature_bytes(cut, len(self._inputs.labels)) <= self._compute.resident_bytes

    def _feed(self, cut: Cut, front: PhotographLayers) -> tuple[Feed, bool]:
        """Return the feed of a phase, and whether it holds cached features in place of photographs."""
        inputs, compute = self._inputs, self._compute
        batch_size = len(self._stage.classes) * inputs.per_class
        round_up_rows = bool(self._switches)
        if self._keeps_features(cut, front):
            with self._clock(FEATURES):
                label = f"Features of {self._stage.name}"
                features = compute_features(cut, inputs.photographs, compute.compiled, label)
                return Feed(features, batch_size, compute.resident_bytes, compute.window_bytes, round_up_rows), True
        if self._photographs is None:
            with self._clock(BUILDING):
                self._photographs = Feed(
                    inputs.photographs, batch_size, compute.resident_bytes, compute.window_bytes, round_up_rows
                )
        return self._photographs, False
