"""Which programs a stage needs: one a phase, or one for all phases that are wired alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from derm_cli.engine.augmentation import Augment
from derm_cli.engine.clock import BUILDING, FEATURES, Clock
from derm_cli.engine.cutting import Cut, cut
from derm_cli.engine.features import bytes_kept, features_of
from derm_cli.engine.feeding import Feed
from derm_cli.engine.network import Network
from derm_cli.engine.program import Front, Program
from derm_cli.engine.regularization import ChannelDropout, Mix
from derm_cli.engine.stage_inputs import ComputeOptions, StageInputs
from derm_cli.engine.validating import Validator
from derm_cli.plan import Phase, Stage


@dataclass(frozen=True)
class PhaseProgram:
    """A program, and what looks at the validation part with its network; None where there is no such part."""

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
        lesson: StageInputs,
        means: ComputeOptions,
        clock: Clock,
        *,
        switches: Mapping[str, Any],
    ) -> None:
        self._network, self._stage, self._lesson = network, stage, lesson
        self._means, self._clock, self._switches = means, clock, switches
        self._augment = Augment(lesson.augmentation, lesson.seed, name="augment") if lesson.augmentation else None
        self._dropouts = {
            rate: ChannelDropout(rate, seed=lesson.seed, dtype="float32")
            for rate in sorted({phase.options.dropout for phase in stage.phases} - {0.0})
        }
        self._photographs: Feed | None = None
        self._built: dict[tuple[object, ...], PhaseProgram] = {}

    def __len__(self) -> int:
        return len(self._built)

    @property
    def generators(self) -> list[Any]:
        """The states of the random generators outside the network, in an order that depends on the stage alone."""
        augment = [] if self._augment is None else [self._augment.generator.state]
        return augment + [layer.seed_generator.state for layer in self._dropouts.values()]

    def of(self, phase: Phase) -> PhaseProgram:
        """Return the program that trains ``phase``, and set the network's layers to learn what it can move."""
        moving, options = self._moving(phase), phase.options
        wiring = (moving, options.mixup > 0, options.dropout, options.clip_norm, options.ema)
        if wiring not in self._built:
            if not self._switches:
                self._built.clear()
            self._built[wiring] = self._build(phase, moving)
        return self._built[wiring]

    def _moving(self, phase: Phase) -> tuple[str, ...]:
        """Return the blocks that the phase's program can move."""
        if not self._switches:
            return phase.blocks
        wanted = {block for each in self._stage.phases for block in each.blocks}
        return tuple(name for name in self._network.blocks if name in wanted)

    def _build(self, phase: Phase, moving: tuple[str, ...]) -> PhaseProgram:
        lesson, means = self._lesson, self._means
        with self._clock(BUILDING):
            self._network.unfreeze(moving, lesson.norm_momentum)
            divided = cut(self._network, moving)
        feed, kept = self._feed(phase, divided)
        with self._clock(BUILDING):
            program = Program(
                divided,
                moving,
                phase,
                feed,
                front=Front(
                    (self._augment,) if self._augment is not None else (), Mix() if phase.options.mixup else None
                ),
                dropout=self._dropouts.get(phase.options.dropout),
                kept=kept,
                switches=self._switches,
                half=means.half,
                compiled=means.compiled,
            )
        if lesson.validation is None:
            return PhaseProgram(program, None)
        with self._clock(FEATURES):
            return PhaseProgram(program, Validator(divided, lesson.validation, means.resident_bytes, means.compiled))

    def _feed(self, phase: Phase, divided: Cut) -> tuple[Feed, bool]:
        """Return what feeds a phase, and whether that is features, kept in the place of photographs that are fixed."""
        lesson, means = self._lesson, self._means
        batch = len(self._stage.classes) * lesson.per_class
        roomy = bool(self._switches)
        fixed = self._augment is None and not phase.options.mixup and divided.fixed
        if fixed and bytes_kept(divided, len(lesson.labels)) <= means.resident_bytes:
            with self._clock(FEATURES):
                label = f"Features of {self._stage.name}"
                features = features_of(divided, lesson.photographs, means.compiled, label)
                return Feed(features, batch, means.resident_bytes, means.window_bytes, roomy), True
        if self._photographs is None:
            with self._clock(BUILDING):
                self._photographs = Feed(lesson.photographs, batch, means.resident_bytes, means.window_bytes, roomy)
        return self._photographs, False
