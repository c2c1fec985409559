"""A clock that adds up where the time of a run goes: building, compiling, training steps, validation and the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from derm_cli.console import activity

BUILDING, COMPILING, STEPPING = "building", "compiling", "stepping"
FEATURES, VALIDATING, WRITING_CHECKPOINTS, EVALUATING = "features", "validating", "checkpoints", "evaluating"
BASELINES = "baselines"
ACCOUNTS = (BUILDING, COMPILING, STEPPING, FEATURES, VALIDATING, WRITING_CHECKPOINTS, EVALUATING, BASELINES)

ACTIVITIES = {
    BUILDING: "building the network …",
    COMPILING: "compiling …",
    FEATURES: "computing features …",
    VALIDATING: "validating …",
    EVALUATING: "evaluating …",
    BASELINES: "computing baselines …",
}
"""What a terminal shows while time goes to an account, but for those that are never long."""


class Clock:
    """Seconds by account: :data:`ACCOUNTS`.

    ``building`` is building the backbone and wiring networks; ``compiling`` is making programs, as long as a step
    waits for them, and each one's first step; ``stepping`` is every later step; ``features`` is
    computing what the frozen part gives for photographs that do not change; ``validating`` is predicting the validation
    part; ``checkpoints`` is writing them; ``evaluating`` is storing the model and predicting the test photographs;
    ``baselines`` is what the run is compared with.
    """

    def __init__(self, seconds: dict[str, float] | None = None) -> None:
        self.seconds = dict.fromkeys(ACCOUNTS, 0.0) | (seconds or {})

    @contextmanager
    def __call__(self, account: str) -> Iterator[None]:
        """Add the time that the block takes to ``account``, and say on a terminal what that is."""
        started = time.monotonic()
        try:
            with activity(ACTIVITIES[account]) if account in ACTIVITIES else nullcontext():
                yield
        finally:
            self.seconds[account] += time.monotonic() - started
