"""``derm train``."""

from __future__ import annotations

from typing import Any

import click

from derm_cli.chain_names import IMAGENET
from derm_cli.cli import session
from derm_cli.cli.shared.endings import open_option
from derm_cli.cli.shared.engine_options import engine_options
from derm_cli.cli.shared.options import (
    completing,
    dataset_names,
    json_option,
    preprocessing_options,
    run_ids,
    spec_names,
)
from derm_cli.cli.shared.output_files import InputFile
from derm_cli.cli.shared.printing import echo, echo_json, listing_width
from derm_cli.cli.train.asked_for import asked_of
from derm_cli.cli.train.completion import complete_augmentation_option, complete_phase_option
from derm_cli.cli.train.finished import print_run
from derm_cli.cli.train.folds import show_folds
from derm_cli.cli.train.schedule_options import TrainCommand
from derm_cli.engine.reading import MEAN, POOLINGS
from derm_cli.plan import SPLITS
from derm_cli.plugin import (
    AugmentationSpec,
    BackboneSpec,
    RecipeSpec,
    ScheduleSpec,
    StrategySpec,
    ViewSpec,
)
from derm_cli.workflows.training.recipes import DEFAULT_RECIPE

RECIPE = "the recipe's"
"""The default of what a recipe may set."""


EPILOG = "docs/reference/recipes.md tells what each recipe is for, and what it sets."


@click.command("train", cls=TrainCommand, epilog=EPILOG)
@click.option(
    "--recipe",
    default=DEFAULT_RECIPE,
    show_default=True,
    metavar="NAME",
    help="Named values for the options below; what is given beside it wins.  'paper' has the paper's numbers (Nedelcu "
    "et al., HEALTHINFO 2021).",
    shell_complete=completing(spec_names(RecipeSpec)),
)
@click.option(
    "--backbone",
    default="effnet-b3",
    show_default=True,
    metavar="NAME",
    help="Network to train.",
    shell_complete=completing(spec_names(BackboneSpec)),
)
@click.option(
    "--chain",
    metavar="NAMES",
    help="Weight source and datasets, comma by comma: 'imagenet' or 'run:ID' first, the target last; a dataset is a "
    "name, or a path as of --target.  Without a weight source the network starts from random weights.",
    shell_complete=completing(lambda ctx: [IMAGENET, *dataset_names(ctx)]),
)
@click.option(
    "--target",
    metavar="NAME|FOLDER/",
    help="Dataset after the chain, whose classes the model gives: a name, or the path of a folder with a sub-folder of "
    "photographs for each class.",
    shell_complete=completing(dataset_names),
)
@click.option(
    "--strategy",
    default="sequential",
    show_default=RECIPE,
    metavar="NAME",
    help="How the datasets are trained on: sequential, merged, hybrid, or a plugin's.",
    shell_complete=completing(spec_names(StrategySpec)),
)
@click.option(
    "--schedule",
    default="frozen-block",
    show_default=RECIPE,
    metavar="NAME",
    help="Which blocks learn when: frozen-block, full, linear-probe, or a plugin's.",
    shell_complete=completing(spec_names(ScheduleSpec)),
)
@click.option(
    "--size",
    type=int,
    metavar="PIXELS",
    help="Side of the photographs.  [default: the recipe's, else the backbone's own]",
)
@preprocessing_options
@click.option(
    "--focus",
    type=float,
    default=1.0,
    show_default=RECIPE,
    metavar="SHARE",
    help="Share of each side of a photograph, about its middle, that the network looks at.",
)
@click.option(
    "--pooling",
    type=click.Choice(POOLINGS),
    default=MEAN,
    show_default=RECIPE,
    help="What the head reads: the mean of the last feature map, or statistics of middle ones.",
)
@click.option(
    "--logit-adjustment",
    type=float,
    default=0.0,
    show_default=RECIPE,
    metavar="SHARE",
    help="Share of the log of the classes' frequencies that is taken off the finished network's logits.",
)
@click.option(
    "--epochs",
    type=int,
    default=3,
    show_default=RECIPE,
    help="Epochs of each phase: frozen-block has a phase for the head and one for each block, and the only one of full "
    "has as many epochs as these together.",
)
@click.option("--head-rate", type=float, default=1e-4, show_default=RECIPE, help="Learning rate of the head.")
@click.option("--block-rate", type=float, default=1e-5, show_default=RECIPE, help="Learning rate of unfrozen blocks.")
@click.option("--per-class", type=int, default=1, show_default=RECIPE, help="Photographs of each class in a batch.")
@click.option(
    "--norm-momentum",
    type=float,
    default=0.9,
    show_default=RECIPE,
    help="Share of its old statistics that an unfrozen BatchNorm layer keeps at each step.",
)
@click.option(
    "--test-share",
    type=float,
    default=0.2,
    show_default=True,
    help="Share of photographs kept for the test; 0 trains on all of them, and nothing is tested.",
)
@click.option(
    "--validation-share",
    type=float,
    default=0.1,
    show_default=RECIPE,
    help="Share of the rest that each epoch is judged by, and that is not trained on; 0 for none, as in the paper.",
)
@click.option(
    "--split",
    type=click.Choice(SPLITS),
    default="auto",
    show_default=True,
    help="Whose split: the publisher's, derm's own, or the publisher's where it has a test part.",
)
@click.option("--folds", type=int, metavar="K", help="Cross-validate: a run for each of K folds of the target.")
@click.option("--ensemble", is_flag=True, help="With --folds: make one run of the folds' models, by their mean.")
@click.option("--fold", metavar="I/K", help="Train the run of one fold, from 1, as in 2/5.")
@click.option(
    "--seed", type=int, default=0, show_default=True, help="The same seed gives the same run on the same machine."
)
@click.option(
    "--split-seed",
    type=int,
    show_default="that of --seed",
    help="Seed of the split alone: trainings with other seeds are then tested on the same photographs.",
)
@click.option(
    "--augmentation",
    default="paper",
    show_default=RECIPE,
    metavar="NAME[:OPTION=VALUE,…]",
    help="How photographs are changed in training: paper, photo, trivial, or a plugin's, as in photo:blur=0.2.",
    shell_complete=completing(spec_names(AugmentationSpec)),
)
@click.option(
    "--augment",
    multiple=True,
    metavar="NAME=RANGE",
    help="Change an option of the augmentation, as in rotation=1,30 or flip=0; repeatable.",
    shell_complete=complete_augmentation_option,
)
@click.option("--no-augment", is_flag=True, help="Show photographs unchanged.")
@click.option(
    "--views",
    default="none",
    show_default=RECIPE,
    metavar="NAME",
    help="Views of a photograph whose answers are averaged: none, flips, dihedral, or a plugin's.",
    shell_complete=completing(spec_names(ViewSpec)),
)
@click.option(
    "--phase",
    "phase_options",
    multiple=True,
    metavar="[PHASE:]NAME=VALUE",
    help="Change an option of every phase, or of those that match PHASE, as in head:epochs=5 or loss=focal:gamma=2; "
    "repeatable.  Numbers: epochs, head-rate, block-rate, depth-decay, scale, head-start, head-copies, dropout, "
    "clip-norm, early-stopping; switches: augment, frozen-norms, best-epoch (on, off); components: loss, sampler, "
    "targets, mixing, optimizer, annealing, average; short forms of these: label-smoothing, mixup, ema, sampling.",
    shell_complete=complete_phase_option,
)
@click.option(
    "--metadata",
    default="none",
    show_default=True,
    metavar="none|auto|NAMES",
    help="Answers of the target's patients that the model takes beside the photograph: none, all but those that tell "
    "how the label came about, or those named, as in age,site,bleed.",
)
@click.option(
    "--teacher",
    metavar="RUN",
    help="Distillation: learn from the answers of a finished run, or an ensemble, too; --phase targets=distilled:alpha="
    "0.7,temperature=1 says how much.",
    shell_complete=completing(run_ids),
)
@click.option(
    "--features",
    type=InputFile(dir_okay=False),
    metavar="FILE",
    help="With --backbone features: vectors of a foundation model, .npz, .parquet or .csv, by case or name of file.",
)
@click.option("--leave-out", multiple=True, metavar="DATASET:CLASS", help="Leave a class out; repeatable.")
@engine_options
@click.option(
    "--baselines/--no-baselines",
    default=True,
    show_default=True,
    help="Compare the run with the most frequent class, and with a regression on frozen features.",
)
@click.option("--no-store", is_flag=True, help="Train every stage, and keep none in the stage store.")
@click.option("--dry-run", is_flag=True, help="Print the plan and do nothing.")
@click.option(
    "--resume", metavar="RUN", help="Go on with a run that was interrupted.", shell_complete=completing(run_ids)
)
@click.option("--repeat", metavar="RUN", help="Train again as a run was trained.", shell_complete=completing(run_ids))
@open_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    resume: str | None,
    repeat: str | None,
    dry_run: bool,
    opens: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Train a backbone through a chain of datasets.

    The last dataset of the chain is the target: the model gives its classes and is evaluated on its test part, which
    shares no patient with what is trained on.

    \b
    derm train --backbone effnet-lite0 --chain imagenet,synthetic-phone
    derm train --chain imagenet --target path/to/photographs/
    derm train --backbone effnet-b3 --chain imagenet,edra,dermofit --strategy hybrid

    The first needs no data.  'derm data list' shows which datasets are here; without a chain, what can be trained here
    is offered.
    """  # noqa: D301 - Click wants the character itself
    here = session(ctx)
    asked = asked_of(ctx, resume=resume, repeat=repeat, may_ask=not as_json, options=options)
    if asked.resume:
        return print_run(asked.trained(here), as_json, None, opens=opens)
    if asked.repeat:
        from derm_cli.workflows.comparing.repeat import repeat as again

        comparison = again(here, asked.repeat)
        return print_run(comparison.second, as_json, comparison.sentence, opens=opens)
    request = asked.request
    if dry_run:
        from derm_cli.workflows.training.dry_run import describe, to_json

        return echo_json(to_json(here, request)) if as_json else echo(describe(here, request, listing_width()))
    if request.splitting.is_cross_validation:
        from derm_cli.studies.cross_validating.cross_validation import cross_validate

        return show_folds(ctx, cross_validate(here, request, asked.use_store), as_json, asked.with_ensemble)
    return print_run(asked.trained(here), as_json, None, opens=opens)
