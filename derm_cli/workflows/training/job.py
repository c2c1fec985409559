"""A training job: what the training of a run works with, and what has come of it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.console import warn
from derm_cli.data.run_data import RunData
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoint
from derm_cli.engine.clock import Clock
from derm_cli.engine.position import Position
from derm_cli.engine.stopping import StopSignals
from derm_cli.plan import Plan
from derm_cli.plugin import RunFacts, StopRequest
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.backbone import build_backbone
from derm_cli.workflows.training.forecast import Forecast
from derm_cli.workflows.training.planning import Prepared
from derm_cli.workflows.training.stage_outlines import own_outlines
from derm_cli.workflows.training.stops import Stops, with_requests


@dataclass
class TrainingJob:
    """A run that is being trained.

    ``run_data`` are its photographs, split; ``execution`` is how and on what it computes; ``backbone`` is the Keras
    model that every stage's network is built on.  ``checkpoint`` is the one to go on from, None for a new run.  Stages
    may be taken from the stage store with ``use_store``, and are put there with ``keep_stages``.  ``history`` has a row
    for each epoch, ``stages`` a record of each finished stage: ``name``, ``source`` (trained or store) and ``run``.
    ``answers`` has what the teacher answers, by the index of a stage.  ``clock`` counts where the time goes,
    ``forecast`` how much of it is left; ``stopping`` takes the signals that end the training.  ``until`` is the index
    of the last stage to train, None for the plan's last.  ``stops`` are where plugins had training end.
    """

    session: Session
    prepared: Prepared
    run: RunFolder
    run_data: RunData
    execution: backend.ResolvedExecution
    backbone: Any
    checkpoint: Checkpoint | None = None
    use_store: bool = True
    keep_stages: bool = True
    history: list[dict[str, Any]] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[int, npt.NDArray[np.float32]] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    stopping: StopSignals = field(default_factory=StopSignals)
    forecast: Forecast = field(default_factory=Forecast)
    until: int | None = None
    stops: Stops = field(default_factory=Stops)
    _has_told_of_sharing: bool = False

    def __post_init__(self) -> None:
        self.stops = Stops(self.run.record.stops)

    @cached_property
    def outlines(self) -> list[str]:
        """The outline of each stage (:mod:`.stage_outlines`), '' where it cannot be told."""
        return own_outlines(self.prepared, SplitLedgers(self.session.runs.root))

    @property
    def last_stage(self) -> int:
        """The index of the last stage that is trained."""
        return len(self.plan.stages) - 1 if self.until is None else self.until

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.prepared.plan

    @property
    def run_facts(self) -> RunFacts:
        """What hooks are given of the run."""
        return RunFacts(
            id=self.run.id,
            folder=self.run.path,
            plan=self.plan,
            synthetic=self.prepared.is_synthetic,
            study=self.session.study,
            row=self.session.row,
        )

    def rebuild_backbone(self) -> Any:
        """Build the backbone once more, with the weights that the plan begins with."""
        return build_backbone(self.prepared)

    def call_hook(self, name: str, **facts: Any) -> dict[str, Any]:
        """Call a hook of every plugin with the run's facts and ``facts``; return what they answer, by their names."""
        return self.session.registry.tell(name, run=self.run_facts, **facts)

    def take_requests(self, asked: dict[str, StopRequest], position: Position) -> None:
        """Have training end where plugins, by their names, ask for it after an epoch: it would go on at ``position``.

        What several trainings share is trained to its end.
        """
        if self.until is None:
            self.stops = with_requests(self.run, self.plan, asked, position)
        elif asked and not self._has_told_of_sharing:
            self._has_told_of_sharing = True
            names = "', '".join(asked)
            warn(f"plugin '{names}' asks to end a stage that several trainings share: it is trained to its end.")
