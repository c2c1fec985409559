"""The hooks, a function each.  docs/guides/plugins.md explains them with examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derm_cli.plugin.marker import hookspec

if TYPE_CHECKING:
    from pathlib import Path

    import click

    from derm_cli.plugin.artefact import ArtefactFacts
    from derm_cli.plugin.component_specs import (
        AnnealingSpec,
        AugmentationSpec,
        AverageSpec,
        LossSpec,
        MixingSpec,
        OptimizerSpec,
        RecipeSpec,
        SamplerSpec,
        TargetSpec,
        ViewSpec,
    )
    from derm_cli.plugin.events import EpochReport, RunFacts, StageFacts, StopRequest, StudyFacts
    from derm_cli.plugin.executor_specs import ExecutorSpec
    from derm_cli.plugin.judging_specs import MetricSpec
    from derm_cli.plugin.packager_specs import PackagerSpec
    from derm_cli.plugin.predicted import PredictedPhotograph, PredictionSummary
    from derm_cli.plugin.preprocessing_specs import PreprocessingStepSpec
    from derm_cli.plugin.report_specs import ReportSectionSpec
    from derm_cli.plugin.specs import BackboneSpec, DatasetSpec, ExporterSpec, ScheduleSpec, StrategySpec


@hookspec
def derm_datasets() -> list[DatasetSpec]:  # type: ignore[empty-body]
    """Return the datasets that the plugin adds; called when a command first needs a dataset."""


@hookspec
def derm_backbones() -> list[BackboneSpec]:  # type: ignore[empty-body]
    """Return the backbones that the plugin adds; called when a command first needs a backbone."""


@hookspec
def derm_strategies() -> list[StrategySpec]:  # type: ignore[empty-body]
    """Return the strategies that the plugin adds: which datasets are trained on, in which stages."""


@hookspec
def derm_schedules() -> list[ScheduleSpec]:  # type: ignore[empty-body]
    """Return the schedules that the plugin adds: the phases of a stage."""


@hookspec
def derm_recipes() -> list[RecipeSpec]:  # type: ignore[empty-body]
    """Return the recipes that the plugin adds: named sets of values for ``derm train``."""


@hookspec
def derm_losses() -> list[LossSpec]:  # type: ignore[empty-body]
    """Return the losses that the plugin adds."""


@hookspec
def derm_samplers() -> list[SamplerSpec]:  # type: ignore[empty-body]
    """Return the samplers that the plugin adds: which photographs an epoch shows."""


@hookspec
def derm_targets() -> list[TargetSpec]:  # type: ignore[empty-body]
    """Return the targets that the plugin adds: what is asked of the network for each photograph."""


@hookspec
def derm_mixings() -> list[MixingSpec]:  # type: ignore[empty-body]
    """Return the ways to mix two photographs that the plugin adds."""


@hookspec
def derm_optimizers() -> list[OptimizerSpec]:  # type: ignore[empty-body]
    """Return the optimizers that the plugin adds."""


@hookspec
def derm_annealings() -> list[AnnealingSpec]:  # type: ignore[empty-body]
    """Return the annealings of the rates that the plugin adds."""


@hookspec
def derm_averages() -> list[AverageSpec]:  # type: ignore[empty-body]
    """Return the averages of the weights that the plugin adds."""


@hookspec
def derm_augmentations() -> list[AugmentationSpec]:  # type: ignore[empty-body]
    """Return the augmentations that the plugin adds."""


@hookspec
def derm_views() -> list[ViewSpec]:  # type: ignore[empty-body]
    """Return the views of a photograph that the plugin adds."""


@hookspec
def derm_preprocessing_steps() -> list[PreprocessingStepSpec]:  # type: ignore[empty-body]
    """Return the steps of preprocessing that the plugin adds: what changes a photograph before it is resized."""


@hookspec
def derm_exporters() -> list[ExporterSpec]:  # type: ignore[empty-body]
    """Return the exporters that the plugin adds; each is an option of ``derm export``."""


@hookspec
def derm_packagers() -> list[PackagerSpec]:  # type: ignore[empty-body]
    """Return the packagers that the plugin adds; each is an option of ``derm export``, and ``derm verify`` asks it."""


@hookspec
def derm_executors() -> list[ExecutorSpec]:  # type: ignore[empty-body]
    """Return the executors that the plugin adds: what carries out the processes of ``derm study run``."""


@hookspec
def derm_metrics() -> list[MetricSpec]:  # type: ignore[empty-body]
    """Return the metrics that the plugin adds; ``derm evaluate`` shows them beside the others."""


@hookspec
def derm_report_sections() -> list[ReportSectionSpec]:  # type: ignore[empty-body]
    """Return the sections that the plugin adds to the report of an evaluation."""


@hookspec
def derm_commands(cli: click.Group) -> None:
    """Add commands to ``cli``; called whenever derm starts, so import nothing heavy."""


@hookspec
def derm_run_started(run: RunFacts) -> None:
    """Fires when a run's folder and plan are written, before its first stage."""


@hookspec
def derm_stage_started(run: RunFacts, stage: StageFacts) -> None:
    """Fires before a stage's first phase."""


@hookspec
def derm_epoch_ended(run: RunFacts, epoch: EpochReport, seconds_left: float | None) -> StopRequest | None:
    """Fires after each epoch, before a checkpoint of it is written; a StopRequest that it returns ends training here.

    ``seconds_left`` is until the whole run is finished, about, as its phases have gone so far; None where that cannot
    be told.
    """


@hookspec
def derm_run_finished(run: RunFacts, evaluation: dict[str, Any]) -> None:
    """Fires when a run's model, predictions and evaluation are written.

    Where nobody was kept for a test, ``evaluation`` has 0 ``cases``, nothing in ``per_class``, and no metric but None.
    """


@hookspec
def derm_run_chosen(run: RunFacts) -> None:
    """Fires when ``derm runs choose`` has made a finished run the one that others are compared with."""


@hookspec
def derm_study_started(study: StudyFacts) -> None:
    """Fires where ``derm study run`` or ``resume`` begins to train, in its own process, before any training."""


@hookspec
def derm_study_ended(study: StudyFacts, rows: dict[str, str], failed: int) -> None:
    """Fires there when every training has ended, or was stopped; ``failed`` is how many did not finish.

    ``rows`` has the name of the row of each finished run by the run's id, those among them that were trained before.
    """


@hookspec
def derm_exported(run: RunFacts, exporter: str, path: Path, facts: ArtefactFacts) -> None:
    """Fires when ``derm export`` has written an artefact or a bundle, checked it and noted it in the run's record.

    ``exporter`` is the name of what wrote it, a packager's for a bundle, ``path`` the file or folder, ``facts`` what is
    inside; they have the ``variant``, where it is one.
    """


@hookspec
def derm_predicted(summary: PredictionSummary, photographs: tuple[PredictedPhotograph, ...]) -> None:
    """Fires when ``derm predict`` has answered every photograph and written every file, in the order of asking."""
