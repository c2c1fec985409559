"""Strategies, schedules and the paper's numbers."""

from __future__ import annotations

from derm_cli.markdown import markdown_table
from derm_cli.plugin import ScheduleSpec, StrategySpec
from generated.builtin import registry
from generated.commands import default_of, key_of, options_of
from generated.markdown import summary


def strategy_table() -> str:
    """Return a line for each built-in strategy."""
    rows = [[f"`{spec.name}`", summary(spec.plan)] for spec in registry().all(StrategySpec).values()]
    return markdown_table(["strategy", "what it does"], rows)


def schedule_table() -> str:
    """Return a line for each built-in schedule."""
    rows = [[f"`{spec.name}`", summary(spec.phases)] for spec in registry().all(ScheduleSpec).values()]
    return markdown_table(["schedule", "what it does"], rows)


PAPER = {
    "resize": "photographs are resized to a square",
    "interpolation": "by nearest neighbour",
    "epochs": "3 epochs in each phase",
    "head_rate": "1e-4 for the top layer",
    "block_rate": "1e-5 for the other blocks that are unfrozen",
    "per_class": "stratified batches of one photograph a class",
    "test_share": "80:20 stratified split",
    "validation_share": "none: `0`",
    "split": "the 80:20 split: `own`",
    "schedule": "blocks are unfrozen one after another from the top",
    "rotation": "1 to 30 degrees",
    "flip": "horizontal flip",
    "zoom": "0 to 0.2",
    "shift": "width shift, 0 to 0.1",
    "brightness": "0.2 to 0.8",
}


def paper_table() -> str:
    """Return the numbers of the paper, each with the option that sets it and the default that derm has."""
    from derm_cli.plan import PAPER_AUGMENTATION

    options = {str(option.name): option for option in options_of("train")}
    rows = [
        [f"`--{key_of(options[name])}`", default_of(options[name]), PAPER[name]] for name in options if name in PAPER
    ]
    for name, value in PAPER_AUGMENTATION.options.items():
        if name in PAPER:
            shown = ",".join(f"{x:g}" for x in value) if isinstance(value, tuple) else f"{value:g}"
            rows.append([f"`--augment {name}=`", f"`{shown}`", PAPER[name]])
    return markdown_table(["option", "default", "in the paper"], rows)
