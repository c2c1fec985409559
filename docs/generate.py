"""Fills the parts of the pages that are read off the code: ``python docs/generate.py``.

Such a part stands between the markers of cog.  ``--check`` writes nothing and exits with 1 where a page is stale.  What
is written does not depend on the machine: no setting, no derm.toml, and no plugin but the built-in ones is looked at.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, Field, fields
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from cogapp import Cog

from derm_cli.plugin import BackboneSpec, DatasetSpec, ExporterSpec, RecipeSpec, ScheduleSpec, StrategySpec

DOCS = Path(__file__).parent
WIDTH = 120
TERMINAL = 80


# What the pages ask for, each as text.


def command_pages() -> str:
    """Return the help page of every command and sub-command."""
    from derm_cli.cli import COMMANDS, cli

    root = _context(cli, None, "derm")
    parts = [_help("derm", root)]
    for name in sorted(COMMANDS):
        command = cli.get_command(root, name)
        assert command is not None
        context = _context(command, root, name)
        parts.append(_help(f"derm {name}", context))
        if isinstance(command, click.Group):
            for child in command.list_commands(context):
                found = command.get_command(context, child)
                assert found is not None
                parts.append(_help(f"derm {name} {child}", _context(found, context, child), level=3))
    return "\n\n".join(parts)


def dataset_table() -> str:
    """Return a line for each built-in dataset and reader: all that a user asks before choosing one."""
    rows = [
        [
            f"[`{spec.name}`](#{spec.name})",
            spec.title,
            f"{spec.photographs:,} {spec.modality}" if spec.photographs else spec.modality,
            len(spec.classes) or "the folder's",
            spec.licence,
            spec.obtain,
            "<br>".join(f"`{path}`" for path in _paths(spec.layout)),
        ]
        for spec in registry().all(DatasetSpec).values()
    ]
    return _table(["name", "what", "size", "classes", "licence", "how to get it", "layout"], rows)


def download_table() -> str:
    """Return a line for each built-in dataset that can be downloaded: from whom, how much, and how it is checked."""
    from derm_cli.data.downloading.space import size_text
    from derm_cli.plugin import Download, Listing

    rows = []
    for spec in registry().all(DatasetSpec).values():
        files = [each for each in spec.downloads if isinstance(each, Download)]
        if not spec.downloads:
            continue
        hosts = dict.fromkeys(urlsplit(each.address).hostname for each in spec.downloads)
        known = sum(each.size or 0 for each in files)
        lists = files or any(each.content for each in spec.downloads if isinstance(each, Listing))
        told = dict.fromkeys(each.checksum.partition(":")[0] for each in files if each.checksum)
        rows.append(
            [
                f"[`{spec.name}`](datasets.md#{spec.name})",
                spec.licence,
                ", ".join(f"`{host}`" for host in hosts),
                len(files) if len(files) == len(spec.downloads) else "as a list names",
                size_text(known) if known else "the server tells",
                ", ".join(told) or ("none known here" if lists else "the list tells"),
            ]
        )
    return _table(["name", "licence", "from", "files", "size", "checksums"], rows)


def dataset_sections() -> str:
    """Return a section for each built-in dataset and reader: where to get it, its layout, its classes."""
    return "\n\n".join(_dataset(spec) for spec in registry().all(DatasetSpec).values())


def finding_table() -> str:
    """Return a line for each kind of finding of ``derm data check``, the worst first."""
    from derm_cli.data.checking.kinds import KINDS

    rows = [[kind.severity, kind.title, f"`{kind.name}`", kind.advice] for kind in KINDS.values()]
    return _table(["", "finding", "name in `--json`", "what it means, and what to do"], rows)


def backbone_table() -> str:
    """Return a line for each built-in backbone."""
    rows = [
        [
            f"`{spec.name}`",
            spec.title,
            f"{spec.parameters:,}",
            spec.input_size,
            ", ".join(f"`{block.name}`" for block in spec.blocks),
        ]
        for spec in registry().all(BackboneSpec).values()
    ]
    return _table(["name", "network", "parameters", "default side", "blocks, from the top"], rows)


def record_table() -> str:
    """Return a line for each column of records."""
    from derm_cli.plugin import RECORD_COLUMNS

    rows = [
        [f"`{column.name}`", column.meaning, column.expected, "required" if column.required else "where known"]
        for column in RECORD_COLUMNS
    ]
    return _table(["column", "what", "values", "when"], rows)


def question_table() -> str:
    """Return a line for each question that several datasets answer."""
    from derm_cli.plugin import COMMON_FIELDS, DatasetSpec

    specs = [spec for spec in registry().all(DatasetSpec).values() if not spec.reader and spec.name != "dermai"]
    rows = [
        [
            f"`{field.name}`",
            field.title,
            field.expected.replace("a text", "one of those that the training part has"),
            "nobody" if field.tells_label else field.known_by,
            ", ".join(spec.name for spec in specs if field.name in {each.name for each in spec.metadata}) or "–",
        ]
        for field in COMMON_FIELDS.values()
    ]
    return _table(["name", "question", "answers", "asked of", "answered in"], rows)


def weight_table() -> str:
    """Return a line for each weight source of each built-in backbone."""
    rows = [
        [f"`{spec.name}`", f"`{source.name}`", f"`{source.file}`", source.licence, f"<{source.address}>"]
        for spec in registry().all(BackboneSpec).values()
        for source in spec.weights
    ]
    return _table(["backbone", "name in a chain", "file", "licence", "address"], rows)


def block_table() -> str:
    """Return the layers of each block of each built-in backbone."""
    rows = [
        [f"`{spec.name}`", f"`{block.name}`", ", ".join(f"`{pattern}`" for pattern in block.layers)]
        for spec in registry().all(BackboneSpec).values()
        for block in spec.blocks
    ]
    return _table(["backbone", "block", "layers"], rows)


def strategy_table() -> str:
    """Return a line for each built-in strategy."""
    rows = [[f"`{spec.name}`", _summary(spec.plan)] for spec in registry().all(StrategySpec).values()]
    return _table(["strategy", "what it does"], rows)


def schedule_table() -> str:
    """Return a line for each built-in schedule."""
    rows = [[f"`{spec.name}`", _summary(spec.phases)] for spec in registry().all(ScheduleSpec).values()]
    return _table(["schedule", "what it does"], rows)


def exporter_table() -> str:
    """Return a line for each built-in exporter."""
    rows = [
        [f"`--{spec.name}`", spec.title, f"`model{spec.suffix}`", f"{spec.tolerance:g}"]
        for spec in registry().all(ExporterSpec).values()
    ]
    return _table(["option", "format", "file", "largest accepted difference of a probability"], rows)


def setting_table() -> str:
    """Return a line for each setting at the top of derm.toml."""
    from derm_cli import config

    meanings = {
        "data": "folder that holds the datasets, each in a folder of its name",
        "runs": "folder that holds the runs",
        "cache": "folder of decoded photographs, stored stages and synthetic datasets",
        "cache_limit": "size that [stored stages](cache.md), and features, may take each, such as `500 MB`, `20 GB`, "
        "`1.5 GiB`, `0`",
        "plugins": "only these plugins are loaded",
        "disabled_plugins": "these plugins are not loaded",
    }
    defaults = {name: f"`{value}`" if value else "the user's cache folder" for name, value in config.DEFAULTS.items()}
    rows = [
        [
            f"`{name}`",
            meanings[name],
            f"`--{name}`" if name in config.DEFAULT_FOLDERS else "–",
            f"`DERM_{name.upper()}`",
            defaults.get(name, "all" if name == "plugins" else "none"),
        ]
        for name in config.SETTINGS
    ]
    return _table(["key", "what", "option", "variable", "default"], rows)


def dataset_key_table() -> str:
    """Return a line for each key of a table ``[datasets.NAME]``."""
    from derm_cli import config

    meanings = {
        "path": "folder of the dataset; from derm.toml's own folder where it is relative",
        "reader": "dataset plugin that reads the folder, such as `folder` or `csv`; else the one called NAME",
        "leave_out": "list of classes that are left out",
    }
    return _table(["key", "what"], [[f"`{name}`", meanings[name]] for name in config.DATASET_KEYS])


def option_table(name: str) -> str:
    """Return a line for each option of a command: its key in derm.toml, its variable and its default."""
    rows = [
        [f"`{_key(option)}`", f"`DERM_{name.upper()}_{str(option.name).upper()}`", _default(option)]
        for option in _options(name)
        if option.name not in ("dry_run", "resume", "repeat", "as_json")
    ]
    return _table(["key", "variable", "default"], rows)


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

    options = {str(option.name): option for option in _options("train")}
    rows = [[f"`--{_key(options[name])}`", _default(options[name]), PAPER[name]] for name in options if name in PAPER]
    for name, value in PAPER_AUGMENTATION.options.items():
        if name in PAPER:
            shown = ",".join(f"{x:g}" for x in value) if isinstance(value, tuple) else f"{value:g}"
            rows.append([f"`--augment {name}=`", f"`{shown}`", PAPER[name]])
    return _table(["option", "default", "in the paper"], rows)


def hook_sections() -> str:
    """Return a heading with the exact signature, and the docstring, of every hook."""
    from derm_cli.plugin import hookspecs

    found = [each for name, each in vars(hookspecs).items() if name.startswith("derm_") and inspect.isfunction(each)]
    return "\n\n".join(f"### `{signature(hook)}`\n\n{_prose(inspect.getdoc(hook))}" for hook in found)


def spec_section(name: str, named: bool = False) -> str:
    """Return the docstring, ``named`` or not, and the fields of a dataclass that plugins hand over or are told."""
    import derm_cli.plugin as face

    found = getattr(face, name)
    # Three brackets are a marker of cog's.
    rows = [[f"`{each.name}`", f"`{each.type}`".replace("]]]", "]] ]"), _default_of(each)] for each in fields(found)]
    docstring = inspect.getdoc(found) or ""
    return f"{_prose(f'`{name}`: {docstring}' if named else docstring)}\n\n" + _table(
        ["field", "type", "default"], rows
    )


def face_section(name: str) -> str:
    """Return the docstring of what passes between a component and the engine, and of its fields or methods."""
    import derm_cli.plugin as face

    found = getattr(face, name)
    members = [(each, getattr(found, each)) for each in vars(found) if not each.startswith("_")]
    lines = [
        f"- `{each}`: {_summary(member.fget if isinstance(member, property) else member)}"
        for each, member in members
        if inspect.isfunction(member) or isinstance(member, property)
    ]
    return "\n\n".join([_prose(f"`{name}`: {inspect.getdoc(found)}"), *(["\n".join(lines)] if lines else [])])


def component_tables() -> str:
    """Return a section for each kind of component: every built-in one with its source and its options."""
    from derm_cli.plugin.component_specs import ComponentSpec, shown

    parts = []
    for kind in registry().kinds.values():
        if not issubclass(kind, ComponentSpec):
            continue
        rows = [
            [
                f"`{spec.name}`",
                spec.title + (f" ({spec.source})" if spec.source else ""),
                "<br>".join(
                    f"`{each.name}={shown(each.default)}`: {each.title}; {each.wanted}" for each in spec.options
                ),
            ]
            for spec in registry().all(kind).values()
        ]
        parts.append(
            f"### {kind.kind.capitalize()}\n\n{_table(['name', 'what', 'options, with their defaults'], rows)}"
        )
    return "\n\n".join(parts)


def recipe_tables() -> str:
    """Return a section for each built-in recipe: what it is for, where it comes from, and what it sets."""
    parts = []
    for spec in registry().all(RecipeSpec).values():
        values = [
            [f"`--{key} {each}`" if not isinstance(each, bool) else f"`--{key}`"]
            for key, value in spec.values.items()
            for each in (value if isinstance(value, tuple) else (value,))
        ]
        what = _wrapped(f"{spec.title[0].upper()}{spec.title[1:]}. Source: {spec.source}.")
        parts.append(f"### {spec.name}\n\n{what}" + (f"\n\n{_table(['sets'], values)}" if values else ""))
    return "\n\n".join(parts)


def face_names() -> str:
    """Return all names that a plugin's author imports."""
    import derm_cli.plugin as face

    return _wrapped(", ".join(f"`{name}`" for name in face.__all__) + ".")


# How they are made.


@cache
def registry() -> Any:
    """Return the built-in plugins."""
    from derm_cli.plugin.loading import DISTRIBUTION, GROUP
    from derm_cli.plugin.registry import Registry

    names = [
        point.name
        for point in metadata.entry_points(group=GROUP)
        if point.dist is not None and point.dist.name == DISTRIBUTION
    ]
    found = Registry(only=names)
    for kind in found.kinds.values():
        found.all(kind)
    if found.problems:
        sys.exit(f"The built-in plugins are not in order: {found.problems[0]}")
    return found


def signature(hook: Any) -> str:
    """Return a hook's signature as its source has it."""
    described = inspect.signature(hook)
    given = ", ".join(f"{each.name}: {each.annotation}" for each in described.parameters.values())
    return f"{hook.__name__}({given}) -> {described.return_annotation}"


def _context(command: click.Command, parent: click.Context | None, name: str) -> click.Context:
    from derm_cli.config import load
    from derm_cli.workflows.session import Session

    context = type(command).context_class(
        command, parent=parent, info_name=name, terminal_width=TERMINAL, **command.context_settings
    )
    if parent is None:
        context.obj = Session(load({}, {"DERM_CONFIG": os.devnull}))
        context.obj.registry = registry()
    return context


def _help(path: str, context: click.Context, level: int = 2) -> str:
    return f"{'#' * level} {path}\n\n```text\n{context.get_help()}\n```"


def _options(name: str) -> list[click.Option]:
    from derm_cli.cli import cli

    command = cli.get_command(_context(cli, None, "derm"), name)
    assert command is not None
    return [each for each in command.params if isinstance(each, click.Option)]


def _key(option: click.Option) -> str:
    return max(option.opts, key=len).lstrip("-")


def _default(option: click.Option) -> str:
    value = option.default
    if option.is_flag:
        return "on" if value is True else "off"
    if isinstance(value, str | int | float):
        return f"`{value:.5f}`".replace("0`", "`") if isinstance(value, float) and value < 1e-3 else f"`{value}`"
    return "the backbone's own" if option.name == "size" else "none"


def _default_of(each: Field[Any]) -> str:
    if each.default is not MISSING:
        return f"`{each.default!r}`"
    return "`()`" if each.default_factory is not MISSING else "must be given"


def _summary(function: Any) -> str:
    return _prose(inspect.getdoc(function)).replace("\n", " ")


def _paths(layout: str) -> list[str]:
    """Return the paths that a layout names, without what it says of them."""
    parts = [part.strip() for line in layout.splitlines() for part in line.split("  (")[0].split("  ")]
    return [part for part in parts if " " not in part and ("/" in part or "." in part)]


def _dataset(spec: Any) -> str:
    parts = [
        f"### {spec.name}",
        _wrapped(f"{spec.title}."),
        "\n".join(
            _wrapped(f"- {what}: {value}", hanging="  ")
            for what, value in (
                ("licence", spec.licence),
                ("where to get it", spec.obtain),
                ("home page", f"<{spec.homepage}>" if spec.homepage.startswith("http") else spec.homepage),
                ("cite", spec.citation),
            )
        ),
        f"```text\n{textwrap.dedent(spec.layout)}\n```",
    ]
    if spec.classes:
        rows = [[f"`{each.name}`", each.title, "; ".join(each.diagnoses)] for each in spec.classes]
        parts.append(_table(["class", "title", "diagnoses in the ISIC hierarchy"], rows))
    return "\n\n".join(parts)


def _table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _prose(docstring: str | None) -> str:
    """Return a docstring as Markdown."""
    text = re.sub(r":\w+:`(?:[\w.]+\.)?(\w+)`", r"`\1`", docstring or "").replace("``", "`")
    return "\n\n".join(_wrapped(" ".join(each.split())) for each in text.split("\n\n"))


def _wrapped(text: str, hanging: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)


# Writing and checking.


def pages() -> Iterator[tuple[Path, str, str]]:
    """Yield each page with the text that it has, and the text that it should have."""
    sys.path.insert(0, str(DOCS))
    try:
        for page in sorted(DOCS.glob("*.md")):
            text = page.read_text(encoding="utf-8")
            yield page, text, Cog().process_string(text, page.name)
    finally:
        sys.path.remove(str(DOCS))


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` say which of them are stale."""
    stale = [(page, wanted) for page, text, wanted in pages() if text != wanted]
    if "--check" in arguments:
        for page, _ in stale:
            click.echo(f"docs/{page.name} is not what the code says: run 'make docs' and commit the page.", err=True)
        return 1 if stale else 0
    for page, wanted in stale:
        page.write_text(wanted, encoding="utf-8")
        click.echo(f"docs/{page.name} is written anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
