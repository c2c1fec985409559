"""What a run has to do, phase by phase, for the forecast of its time, and the watcher by which the engine tells of it.

It needs a training framework: import it after :func:`derm_cli.engine.backend.start`.
"""

from __future__ import annotations

from derm_cli import console
from derm_cli.engine.batches import steps_per_epoch
from derm_cli.engine.network import blocks_of
from derm_cli.engine.work import layer_share_above, network_work, share_above
from derm_cli.plan import Phase, Stage
from derm_cli.workflows.predicting.views import views_of
from derm_cli.workflows.training.forecast import EndingWork, Forecast, PhaseWork
from derm_cli.workflows.training.job import TrainingJob

FORWARD_PASSES_OF_A_BACKWARD_PASS = 3.0
WORK_OF_A_LAYER = 5e5
"""What a layer costs at each step whatever the photographs, in multiplications: to be started, about."""
BACKWARD_WORK_OF_A_LAYER = 6 * WORK_OF_A_LAYER
"""The same of one that a backward pass goes through, its optimizer's steps included."""
LAYERS_OF_AN_ENDING = 3.0
"""Compilations of a forward pass that take as long as storing, loading and judging a finished model, about."""


def forecast_of(job: TrainingJob) -> Forecast:
    """Return the forecast of a job's run."""
    work = _Work(job)
    return Forecast(
        [work.of_phase(index, stage, phase) for index, stage in enumerate(job.plan.stages) for phase in stage.phases],
        work.of_ending(),
    )


class StageWatcher:
    """Tells a forecast of the phases of one stage, the first of which is the run's phase number ``first``."""

    def __init__(self, forecast: Forecast, first: int) -> None:
        self._forecast, self._first = forecast, first

    def phase_begun(self, phase: int) -> None:
        """Take the number of a phase of the stage that begins."""
        self._forecast.phase_begun(self._first + phase)

    def steps_taken(self, steps: int) -> None:
        """Take how many steps the phase has taken."""
        self._forecast.steps_taken(steps)

    def time_left(self) -> str:
        """Return the time that is left of the run, in words."""
        return time_left(self._forecast.seconds_left())


def time_left(seconds: float | None) -> str:
    """Return the time that is left of a run in words; "" where it is not known."""
    if seconds is None:
        return ""
    return f"{console.clock(seconds)} left in the run"


class _Work:
    """What the parts of a job have to do."""

    def __init__(self, job: TrainingJob) -> None:
        self._job, self._model = job, job.backbone
        self._blocks = blocks_of(job.backbone, job.prepared.backbone)
        self._work = network_work(job.backbone)

    def of_phase(self, index: int, stage: Stage, phase: Phase) -> PhaseWork:
        """Return the work of a phase of the stage of an index."""
        plan, options = self._job.plan, phase.options
        photographs = len(self._job.run_data.training[index].labels)
        judged = self._job.run_data.stage_validation[index]
        judged_photographs = 0 if judged is None else len(judged.labels)
        steps = steps_per_epoch(photographs, len(stage.classes), plan.per_class)
        learning = share_above(self._model, self._blocks, phase.blocks)
        is_kept = not options.augment or plan.augmentation is None
        is_kept = is_kept and options.scale == 1.0 and options.mixing.name == "none"
        forward = learning if is_kept else 1.0
        area = options.scale**2
        layers = layer_share_above(self._model, self._blocks, phase.blocks)
        of_a_step = len(self._model.layers) * (WORK_OF_A_LAYER + BACKWARD_WORK_OF_A_LAYER * layers) / self._work
        of_a_photograph = area * (forward + FORWARD_PASSES_OF_A_BACKWARD_PASS * learning)
        shown = steps * len(stage.classes) * plan.per_class
        begun = (1 + options.head_copies) * photographs if options.head_start else 0
        return PhaseWork(
            epochs=phase.epochs,
            steps=steps,
            passes=shown * of_a_photograph + judged_photographs * learning + steps * of_a_step,
            ready=(photographs if is_kept else 0) + judged_photographs + begun,
            layers=1 + 2 * layers,
        )

    def of_ending(self) -> EndingWork:
        """Return the work that comes after the last stage."""
        job, data = self._job, self._job.run_data
        validation = 0 if data.target_validation is None else len(data.target_validation.labels)
        test, training = len(data.test.labels), len(data.training[-1].labels)
        views = len(views_of(job.session.registry, job.plan.views))
        passes = (test + 2 * validation) * max(views, 1)
        if job.prepared.request.baselines and job.plan.weights:
            passes += test + validation + training
        return EndingWork(passes=passes, layers=LAYERS_OF_AN_ENDING)
