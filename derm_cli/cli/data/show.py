"""``derm data show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import dataset_argument, json_option, preprocessing_options
from derm_cli.cli.shared.output_files import WritingCommand, force_option, output_file
from derm_cli.cli.shared.printing import echo, echo_json, fitted_table
from derm_cli.errors import one_line

if TYPE_CHECKING:
    from derm_cli.data.contact_sheet import ContactSheet

PER_CLASS, PER_CLASS_AUGMENTED = 8, 2


@click.command("show", cls=WritingCommand)
@dataset_argument
@click.option(
    "--to",
    type=output_file,
    callback=lambda ctx, _, path: path or Path(str(ctx.params["name"]).replace("/", "_") + ".png"),
    metavar="FILE",
    help="A picture (.png) or a page (.html).  [default: NAME.png]",
)
@click.option(
    "--per-class",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Photographs of each class.  [default: {PER_CLASS}; {PER_CLASS_AUGMENTED} with --augmented]",
)
@click.option("--class", "classes", multiple=True, metavar="CLASS", help="Show this class alone; repeatable.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed draws other photographs."
)
@click.option(
    "--size",
    type=click.IntRange(min=32),
    default=224,
    show_default=True,
    metavar="PIXELS",
    help="Side of the photographs.",
)
@preprocessing_options
@click.option("--augmented", is_flag=True, help="Show, beside each photograph, what training makes of it.")
@click.option(
    "--augmentation",
    default="paper",
    show_default=True,
    metavar="NAME[:OPTION=VALUE,…]",
    help="With --augmented: which augmentation, as 'derm train' takes it.",
)
@click.option(
    "--augment",
    multiple=True,
    metavar="NAME=RANGE",
    help="Change an augmentation, as 'derm train' takes it, and show it; repeatable.",
)
@click.option(
    "--variants", type=click.IntRange(1, 16), default=4, show_default=True, help="With --augmented: how many of each."
)
@click.option("--no-names", is_flag=True, help="Leave the names of cases out.")
@force_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    name: str,
    to: Path,
    per_class: int | None,
    classes: tuple[str, ...],
    seed: int,
    augmented: bool,
    augmentation: str,
    augment: tuple[str, ...],
    variants: int,
    no_names: bool,
    force: bool,  # noqa: ARG001  (WritingCommand reads it)
    as_json: bool,
    **rule: Any,
) -> None:
    """Draw a contact sheet: photographs of each class, as the network sees them.

    Which photographs are shown depends on the seed alone.
    """
    from derm_cli.data.contact_sheet import check_suffix
    from derm_cli.data.requests import PreprocessingRequest
    from derm_cli.plugin import AugmentationSpec
    from derm_cli.workflows.data.show import draw_sheet
    from derm_cli.workflows.preprocessing_steps import requested_preprocessing
    from derm_cli.workflows.training.component_options import read_component, with_component_options

    check_suffix(to)
    changed, table = augmented or bool(augment), session(ctx).registry
    shown = read_component(table, AugmentationSpec, augmentation, f"--augmentation '{augmentation}'")
    shown = with_component_options(table, AugmentationSpec, shown, augment, "--augment")
    sheet = draw_sheet(
        session(ctx),
        name,
        requested_preprocessing(session(ctx).registry, PreprocessingRequest(**rule)),
        per_class=per_class or (PER_CLASS_AUGMENTED if changed else PER_CLASS),
        seed=seed,
        classes=classes,
        augmentation=shown if changed else None,
        variants=variants,
        names=not no_names,
    )
    sheet.write(to)
    if as_json:
        echo_json(_values(name, sheet, to))
    else:
        echo(_text(sheet, to))


def _values(name: str, sheet: ContactSheet, path: Path) -> dict[str, Any]:
    return {
        "name": name,
        "path": str(path),
        "synthetic": sheet.is_synthetic,
        "preprocessing": sheet.rule,
        "augmentation": sheet.changes,
        "photographs": {each.name: each.count for each in sheet.classes},
        "shown": {each.name: len(each.pictures) for each in sheet.classes},
        "cases": {each.name: [picture.case for picture in each.pictures if picture.case] for each in sheet.classes},
        "dropped": dict(sheet.dropped),
        "unreadable": dict(sheet.unreadable),
    }


def _text(sheet: ContactSheet, path: Path) -> str:
    rows = [[each.name, each.count, len(each.pictures)] for each in sheet.classes]
    shown = fitted_table(["class", "photographs", "shown"], rows)
    said = map(one_line, (*sheet.notes(), sheet.warning, f"Written: {path}"))
    return "\n".join([one_line(sheet.title), "", shown, "", *said])
