"""From a request to a plan: reads the datasets' tables, decodes nothing, imports no training framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from derm_cli.chain_names import RUN_PREFIX
from derm_cli.console import warn
from derm_cli.data.answers import chosen_fields
from derm_cli.data.labels import stage_labels
from derm_cli.data.records import Records
from derm_cli.data.splitting import TEST
from derm_cli.data.vectors import Vectors
from derm_cli.engine import backend
from derm_cli.engine.framework_settings import requested_backend
from derm_cli.engine.reading import check_scale, margin_of, reading_spec
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plan import OfficialSplit, Plan, Stage
from derm_cli.plugin import (
    BackboneSpec,
    DatasetFacts,
    PlanRequest,
    Preprocessing,
    ScheduleRequest,
    ScheduleSpec,
    StrategySpec,
)
from derm_cli.plugin.registry import Registry
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished, require_trained
from derm_cli.workflows.preprocessing_steps import requested_preprocessing, with_steps
from derm_cli.workflows.session import Session
from derm_cli.workflows.training import limits
from derm_cli.workflows.training.chain_records import chain_records
from derm_cli.workflows.training.component_options import (
    complete_phase,
    completed_augmentation,
    completed_views,
    read_component,
)
from derm_cli.workflows.training.phase_options import with_phase_options
from derm_cli.workflows.training.plugin_contracts import (
    refuse_unfit_classes,
    refuse_unfit_phases,
    refuse_unfit_stages,
)
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.teacher import taught_stages, teacher_of_plan, teacher_run
from derm_cli.workflows.training.weight_source import run_of_source
from derm_cli.workflows.vectors import opened_vectors, phases_without_pixels, without_pixels


@dataclass(frozen=True)
class Prepared:
    """A request that can be carried out: its plan, its backbone, and the records of its datasets by name.

    ``source_run`` is the run whose weights the plan begins with, None where it begins with others; ``teacher`` the run
    whose answers are learnt from, ``vectors`` what is read in place of photographs, None without.
    """

    request: TrainRequest
    plan: Plan
    backbone: BackboneSpec
    records: dict[str, Records]
    source_run: RunFolder | None = None
    teacher: RunFolder | None = None
    vectors: Vectors | None = None

    @property
    def is_synthetic(self) -> bool:
        """Whether any photographs are synthetic."""
        return any(records.located.spec.synthetic for records in self.records.values())


def prepare(
    session: Session,
    request: TrainRequest,
    successor: RunFolder | None = None,
    read: Callable[[Session, TrainRequest], dict[str, Records]] = chain_records,
) -> Prepared:
    """Plan a training.  Raises RequestError for what the request has wrong, DermError for what the data have wrong.

    ``successor`` is the run that is resumed or repeated: beside it stands the run whose weights it began with.
    ``read`` reads the records of the chain, by dataset.
    """
    # A backend that is not to be had must not be told of after hours of decoding.
    requested_backend()
    registry = session.registry
    if successor is not None:
        with_steps(registry, successor.plan.preprocessing, f"Run '{successor.id}'")
    if request.splitting.is_cross_validation:
        raise RequestError(
            f"--folds is '{request.splitting.folds}', but a run tests on one fold: say which, as in --fold 1."
        )
    backbone = registry.get(BackboneSpec, request.backbone)
    vectors = opened_vectors(backbone, request.features)
    request = without_pixels(request, vectors)
    backbone = reading_spec(backbone, request.focus, request.pooling)
    source_run = _checked_weights(session, request, backbone, successor)
    asked = read_component(registry, ScheduleSpec, request.schedule, f"--schedule '{request.schedule}'")
    schedule, strategy = registry.get(ScheduleSpec, asked.name), registry.get(StrategySpec, request.strategy)
    records = read(session, request)
    # A run that is gone on with is what it is.
    if successor is None:
        for each in records.values():
            refuse_unfit_classes(each)
    phases = schedule.phases(
        ScheduleRequest(
            blocks=tuple(block.name for block in backbone.blocks),
            epochs=request.epochs,
            head_rate=request.head_rate,
            block_rate=request.block_rate,
            options=asked.options,
        )
    )
    refuse_unfit_phases(schedule, phases, backbone)
    phases = with_phase_options(phases, request.phase_options, registry)
    phases = phases_without_pixels(phases) if vectors else phases
    facts = tuple(DatasetFacts(name=name, classes=each.classes) for name, each in records.items())
    teacher = teacher_run(session, request, successor)
    plan_request = PlanRequest(datasets=facts, phases=phases)
    planned = strategy.plan(plan_request)
    refuse_unfit_stages(strategy, planned, plan_request, backbone)
    stages = taught_stages(planned, teacher)
    # Most strategies give all stages the same phases.
    given = {id(phase): phase for stage in stages for phase in stage.phases}
    completed = {key: complete_phase(registry, phase) for key, phase in given.items()}
    stages = tuple(replace(stage, phases=tuple(completed[id(phase)] for phase in stage.phases)) for stage in stages)
    _check_phases(request, stages, backbone)
    plan = Plan(
        backbone=backbone.name,
        weights=request.weights,
        target=request.datasets[-1],
        stages=stages,
        preprocessing=vectors.rule if vectors else _preprocessing(registry, request, backbone.input_size),
        augmentation=completed_augmentation(registry, request.augmentation),
        views=completed_views(registry, request.views),
        focus=request.focus,
        pooling=request.pooling,
        logit_adjustment=request.logit_adjustment,
        per_class=request.per_class,
        norm_momentum=request.norm_momentum,
        test_share=request.splitting.test_share,
        validation_share=request.splitting.validation_share,
        seed=request.seed,
        split_seed=request.splitting.split_seed,
        folds=request.splitting.folds,
        fold=request.splitting.fold,
        official_splits=_official_splits(request, records),
        execution=request.execution,
        recipe=request.recipe_text,
        teacher=teacher_of_plan(teacher),
        metadata=_metadata(request, records[request.datasets[-1]]),
    )
    photographs = [_photographs_of(stage, plan, records) for stage in plan.stages]
    if request.has_batches_of_recipe:
        plan = replace(plan, per_class=min(plan.per_class, _largest_per_class(plan, photographs)))
    _check_masks(request, records)
    backend.check_devices(plan.execution.devices, plan.batch_sizes)
    # A run that is gone on with, or repeated, was carried out by an earlier derm.
    if successor is None:
        _check_batches(plan, photographs)
    _warn_of_datasets_that_add_nothing(records, plan)
    return Prepared(request, plan, backbone, records, source_run, teacher, vectors)


def _preprocessing(registry: Registry, request: TrainRequest, default_size: int) -> Preprocessing:
    recipe = request.recipe if request.is_of_recipe("preprocess") else ""
    return requested_preprocessing(registry, request.preprocessing, default_size, recipe)


def _metadata(request: TrainRequest, target: Records) -> tuple[str, ...]:
    """Return the names of the target's answers that are used; warn of those that should not be."""
    fields, cautions = chosen_fields(target, request.metadata)
    for name, reason in cautions.items():
        warn(
            f"the answer '{name}' of dataset '{target.name}' is used, as --metadata asks, though {reason}: figures are "
            "too good, and elsewhere the model is worse."
        )
    return tuple(each.name for each in fields)


def _largest_per_class(plan: Plan, photographs: list[int]) -> int:
    """Return the most of a class that a batch of any stage can have, 1 at least; ``photographs`` are the stages'."""
    pairs = zip(plan.stages, photographs, strict=True)
    return max(1, min(count // len(stage.classes) for stage, count in pairs))


def _photographs_of(stage: Stage, plan: Plan, records: dict[str, Records]) -> int:
    return sum(int(stage_labels(records[name], stage, plan).notna().sum()) for name in stage.datasets)


def _check_batches(plan: Plan, photographs: list[int]) -> None:
    """Refuse batches that are larger than what a stage trains on, ``photographs``, or than memory."""
    for stage, count in zip(plan.stages, photographs, strict=True):
        where = f"stage '{stage.name}'"
        limits.check_batch(plan.per_class, len(stage.classes), count, plan.preprocessing.size, where)


def _check_masks(request: TrainRequest, records: dict[str, Records]) -> None:
    """Refuse to crop to the lesion where nothing tells where that is."""
    if request.preprocessing.crop == "lesion" and not any("mask" in each.frame for each in records.values()):
        raise RequestError(
            f"--crop is '{request.preprocessing.crop}', but no dataset of the chain has lesion masks "
            f"({', '.join(records)}): leave it out, or train on one that has them, such as dermofit."
        )


def _official_splits(request: TrainRequest, records: dict[str, Records]) -> tuple[OfficialSplit, ...]:
    """Return the official splits that are used; say where there is one that is not, unless it was not asked for."""
    target, split, folds = request.datasets[-1], request.splitting.split, request.splitting.folds
    used = []
    for name, each in records.items():
        parts = each.frame["split"].dropna() if "split" in each.frame else pd.Series(dtype=str)
        official = each.located.spec.official_split if len(parts) else ""
        if split == "official" and name == target and not official:
            raise RequestError(
                f"--split is '{split}', but dataset '{name}' has no official split: leave it out, or give --split own."
            )
        if not official or split == "own":
            continue
        if name == target and folds:
            warn(f"the {folds} folds of dataset '{name}' take the place of its official split ({official}).")
        elif not (parts == TEST).any():
            warn(
                f"the official split of dataset '{name}' ({official}) has no test part with photographs of its "
                "classes, so derm splits it anew."
            )
        else:
            used.append(OfficialSplit(dataset=name, name=official))
    if used and not request.splitting.test_share:
        warn(
            f"--test-share 0 leaves the test part of an official split to the test ({_names(used)}): --split own "
            "trains on it too."
        )
    return tuple(used)


def _names(official_splits: list[OfficialSplit]) -> str:
    return "; ".join(f"{each.dataset}: {each.name}" for each in official_splits)


def _warn_of_datasets_that_add_nothing(records: dict[str, Records], plan: Plan) -> None:
    for stage in plan.stages:
        for name in stage.datasets:
            if stage_labels(records[name], stage, plan).isna().all():
                warn(
                    f"no photograph of dataset '{name}' falls into a class of stage '{stage.name}', so it adds nothing "
                    f"there: the classes of '{plan.target}' must name the diagnoses that they cover."
                )


def _checked_weights(
    session: Session, request: TrainRequest, backbone: BackboneSpec, successor: RunFolder | None
) -> RunFolder | None:
    """Return the run whose weights a request begins with, if any.  Raises RequestError for weights that are no use."""
    source = request.weights
    if source is None:
        return None
    if source.startswith(RUN_PREFIX):
        run = run_of_source(session, source, successor)
        require_finished(run)
        require_trained(run)
        if run.plan.backbone != backbone.name:
            raise RequestError(
                f"'{source}' has the backbone '{run.plan.backbone}', but '{backbone.name}' is asked for: "
                f"use --backbone {run.plan.backbone}, or another run."
            )
        _check_same_reading(source, run, request, backbone)
        return run
    sources = [each.name for each in backbone.weights]
    if source not in sources:
        raise RequestError(
            f"Backbone '{backbone.name}' has no weights '{source}'.{did_you_mean(source, sources)} "
            "Without a weight source first, the chain starts from random weights."
        )
    return None


def _check_same_reading(source: str, run: RunFolder, request: TrainRequest, backbone: BackboneSpec) -> None:
    """Refuse weights of a run whose network reads photographs in another way."""
    size = request.preprocessing.side(backbone.input_size)
    theirs, ours = run.plan, (request.focus, request.pooling)
    if (theirs.focus, theirs.pooling) != ours:
        raise RequestError(
            f"'{source}' has a focus of '{theirs.focus:g}' and the pooling '{theirs.pooling}', but {ours[0]:g} and "
            f"{ours[1]} are asked for: give --focus {theirs.focus:g} --pooling {theirs.pooling}, or name another run."
        )
    if theirs.focus < 1 and margin_of(theirs.preprocessing.size, theirs.focus) != margin_of(size, theirs.focus):
        raise RequestError(
            f"'{source}' looks at the middle of photographs of '{theirs.preprocessing.size}' pixels a side, but "
            f"{size} are asked for: give --size {theirs.preprocessing.size}, or name another run."
        )


def _check_phases(request: TrainRequest, stages: tuple[Stage, ...], backbone: BackboneSpec) -> None:
    """Refuse phases that this request leaves too few pixels, or no photographs to judge epochs by."""
    size = request.preprocessing.side(backbone.input_size)
    side = size - 2 * margin_of(size, request.focus)
    for stage in stages:
        for phase in stage.phases:
            check_scale(phase.name, phase.options.scale, side)
            if phase.options.validates and not request.splitting.validation_share:
                raise RequestError(
                    f"Phase '{phase.name}' stops early or keeps its best epoch, but --validation-share is '0': give a "
                    "share of the photographs to judge epochs by, as in 0.1."
                )
