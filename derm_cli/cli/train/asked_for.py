"""What the options of ``derm train`` come to: a request, or a run that is gone on with or repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.engine_options import ENGINE_OPTIONS
from derm_cli.cli.train.folds import folds_asked_for
from derm_cli.cli.train.offer import with_chain
from derm_cli.cli.train.recipe import options_with_recipe
from derm_cli.errors import RequestError
from derm_cli.plugin import AugmentationSpec, ViewSpec

if TYPE_CHECKING:
    from derm_cli.runs.folder import RunFolder
    from derm_cli.workflows.session import Session
    from derm_cli.workflows.training.request import TrainRequest


@dataclass(frozen=True)
class AskedTraining:
    """A training that is asked for: the run ``resume`` is gone on with, or ``repeat`` repeated, or ``request`` done."""

    resume: RunFolder | None = None
    repeat: RunFolder | None = None
    asked: TrainRequest | None = None
    use_store: bool = True
    with_ensemble: bool = False

    @property
    def request(self) -> TrainRequest:
        """What a new run is asked for."""
        assert self.asked is not None
        return self.asked

    def trained(self, here: Session) -> RunFolder:
        """Train the one run that is asked for, and return it, finished.  Raises as the workflows do."""
        if self.resume:
            from derm_cli.workflows.training.train import resume

            return resume(here, self.resume)
        if self.repeat:
            from derm_cli.workflows.comparing.repeat import repeat

            return repeat(here, self.repeat).second
        if self.request.splitting.fold:
            from derm_cli.studies.cross_validating.cross_validation import train_fold

            return train_fold(here, self.request, self.use_store)
        from derm_cli.workflows.training.train import train

        return train(here, self.request, use_store=self.use_store)


def asked_of(
    ctx: click.Context, *, resume: str | None, repeat: str | None, may_ask: bool, options: dict[str, Any]
) -> AskedTraining:
    """Return what is asked for by ``resume``, ``repeat`` or else the other ``options`` of the command.

    ``may_ask`` allows to ask on the terminal what shall be trained.  Raises RequestError for what cannot be meant.
    """
    here = session(ctx)
    if resume and repeat:
        raise RequestError(f"--resume '{resume}' and --repeat '{repeat}' exclude each other: give one.")
    if resume or repeat:
        _refuse_other_options(ctx)
    if resume:
        return AskedTraining(resume=here.runs.find(resume))
    if repeat:
        return AskedTraining(repeat=here.runs.find(repeat))
    use_store, with_ensemble = not options.pop("no_store"), options.pop("ensemble")
    request = request_of(ctx, with_chain(here, options, may_ask=may_ask))
    if with_ensemble and not request.splitting.is_cross_validation:
        raise RequestError("'--ensemble' is of the models of all folds: give --folds too, as in --folds 5 --ensemble.")
    if with_ensemble and request.metadata != "none":
        raise RequestError(
            f"--metadata is '{request.metadata}', but an ensemble takes no answers: leave it out, or --ensemble."
        )
    return AskedTraining(asked=request, use_store=use_store, with_ensemble=with_ensemble)


def _refuse_other_options(ctx: click.Context) -> None:
    """A run that is gone on with, or repeated, has its own request: refuse options that would be ignored."""
    for parameter in ctx.command.params:
        name = str(parameter.name)
        given = ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if given and name not in ("resume", "repeat", "opens", "as_json"):
            raise RequestError(
                f"'{parameter.opts[0]}' cannot be given with --resume or --repeat: the run keeps what it was asked for."
            )


def request_of(ctx: click.Context, given: dict[str, Any]) -> TrainRequest:
    """Return what the options ``given``, by parameter, ask for, with those of their recipe.

    ``ctx`` tells where each came from.  Raises RequestError for what cannot be meant.
    """
    from derm_cli.plan import Execution
    from derm_cli.workflows.training.component_options import read_component, with_component_options
    from derm_cli.workflows.training.request import TrainRequest

    here, options = session(ctx), options_with_recipe(ctx, given)
    registry = here.registry
    changes, without = options.pop("augment"), options.pop("no_augment")
    if changes and without:
        raise RequestError(f"--no-augment and --augment '{changes[0]}' exclude each other: give one.")
    chain = tuple(here.dataset_named(part.strip()) for part in options["chain"].split(",")) if options["chain"] else ()
    del options["chain"]
    options["target"] = here.dataset_named(options["target"]) if options["target"] else None
    folds, fold = folds_asked_for(options.pop("folds"), options.pop("fold"))
    execution = Execution(**{name: options.pop(name) for name in ENGINE_OPTIONS})
    text, views = options.pop("augmentation"), options.pop("views")
    augmentation = read_component(registry, AugmentationSpec, text, f"--augmentation '{text}'")
    augmentation = with_component_options(registry, AugmentationSpec, augmentation, changes, "--augment")
    return TrainRequest.from_options(
        **options,
        chain=chain,
        folds=folds,
        fold=fold,
        augmentation=None if without else augmentation,
        views=read_component(registry, ViewSpec, views, f"--views '{views}'"),
        execution=execution,
    )
