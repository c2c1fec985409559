"""A complete plugin to begin with, as a distribution of its own: ``derm plugins new``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from string import Template

from derm_cli.chain_names import dataset_name_fault
from derm_cli.errors import DermError, RequestError
from derm_cli.files import write_text
from derm_cli.plugin import (
    BackboneSpec,
    DatasetSpec,
    ExecutorSpec,
    ExporterSpec,
    MetricSpec,
    PackagerSpec,
    PreprocessingStepSpec,
    RecipeSpec,
    ReportSectionSpec,
    ScheduleSpec,
    StrategySpec,
)
from derm_cli.plugin.spec import EXPORT_OPTIONS, Spec
from derm_cli.preprocessing import NO_STEPS
from derm_cli.workflows.output_files import check_output_folder
from derm_cli.workflows.session import Session

TEMPLATES = Path(__file__).parent / "templates"
"""A folder of files for each kind, and one for all: their ending, and ``$`` words in names and texts, are replaced."""
ENDING = ".template"
SHARED = "shared"
LONGEST = 50
"""Characters of a name: a file system takes 255 of a file's, and a terminal's line fewer."""
PREFIX = "derm-"


@dataclass(frozen=True)
class PluginKind:
    """What a plugin adds: in words, the specs that share its names, and a command that uses what was added."""

    adds: str
    specs: tuple[type[Spec], ...]
    example: str


KINDS = {
    "dataset": PluginKind("a dataset", (DatasetSpec,), "derm data check $name  # reads the folder data/$name"),
    "backbone": PluginKind("a backbone", (BackboneSpec,), "derm train --backbone $name --chain synthetic-phone"),
    "strategy": PluginKind(
        "a strategy",
        (StrategySpec,),
        "derm train --backbone effnet-lite0 --chain imagenet,synthetic-phone --strategy $name --dry-run",
    ),
    "schedule": PluginKind(
        "a schedule",
        (ScheduleSpec,),
        "derm train --backbone effnet-lite0 --chain imagenet,synthetic-phone --schedule $name --dry-run",
    ),
    "recipe": PluginKind(
        "a recipe",
        (RecipeSpec,),
        "derm train --backbone effnet-lite0 --chain imagenet,synthetic-phone --recipe $name --dry-run",
    ),
    "preprocessing-step": PluginKind(
        "a step of preprocessing",
        (PreprocessingStepSpec,),
        "derm train --backbone effnet-lite0 --chain imagenet,synthetic-phone --preprocess $name --dry-run",
    ),
    "exporter": PluginKind(
        "an export format", (ExporterSpec, PackagerSpec), "derm export --$name  # the latest finished run"
    ),
    "executor": PluginKind(
        "an executor of studies",
        (ExecutorSpec,),
        "derm study run recipes --target synthetic-phone --set backbone=effnet-lite0 --executor $name",
    ),
    "metric": PluginKind("a metric", (MetricSpec,), "derm evaluate  # the latest finished run"),
    "report-section": PluginKind(
        "a section of the report",
        (ReportSectionSpec,),
        "derm evaluate --report page.html  # the latest finished run",
    ),
    "tracker": PluginKind(
        "a tracker of runs", (), "derm train --backbone effnet-lite0 --chain imagenet,synthetic-phone"
    ),
    "command": PluginKind("a command", (), "derm $name --help"),
}
"""The kinds of plugins that there is a template of."""


@dataclass(frozen=True)
class NewPlugin:
    """A plugin that was written: its name, its distribution, its folder, the files in it, and the commands to go on."""

    name: str
    distribution: str
    folder: Path
    files: tuple[str, ...]
    next_commands: tuple[str, ...]


def new_plugin(
    session: Session, kind: str, name: str, into: Path | None = None, commands: Collection[str] = ()
) -> NewPlugin:
    """Write a plugin ``name`` of a kind into the folder ``into``, by default ``derm-NAME``; return what was written.

    ``commands`` are those that derm has.  Raises RequestError for a name that cannot be, or that is taken, and for a
    folder of a run or a dataset; DermError where the folder has anything in it or cannot be written.
    """
    name = name.removeprefix(PREFIX)
    _check_form(name)
    _check_free(session, kind, name, commands)
    words = {
        "name": name,
        "distribution": PREFIX + name,
        "package": _package(name),
        "suffix": name.replace("-", ""),
        "title": name.replace("-", " ").capitalize(),
        "adds": KINDS[kind].adds,
    }
    words["example"] = Template(KINDS[kind].example).substitute(words)
    folder = into or Path(PREFIX + name)
    check_output_folder(session, "--into", folder)
    try:
        entry = min((each.name for each in folder.iterdir()), default=None) if folder.exists() else None
        if entry is not None:
            raise DermError(f"The folder '{folder}' is not empty ('{entry}' is in it): name a new one with --into.")
        files = [_write(source, root, folder, words) for root in (SHARED, kind) for source in _sources(root)]
    except OSError as error:
        raise DermError(
            f"The folder '{error.filename or folder}' cannot be written ({error.strerror}): name another with --into."
        ) from error
    going_on = (
        f"cd {shlex.quote(str(folder))}",
        "pip install --editable . --group dev",
        f"derm plugins check {name}",
        "python -m pytest",
    )
    return NewPlugin(name, words["distribution"], folder, tuple(sorted(files)), going_on)


def _check_form(name: str) -> None:
    """Refuse what is no name of a distribution, a module and a spec at once."""
    if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name, re.ASCII) and len(name) <= LONGEST:
        return
    near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:LONGEST].strip("-")
    hint = f", as in '{near}'" if near else ""
    raise RequestError(
        f"A plugin cannot have the name '{name}': it must be lower-case words of a to z and digits, joined by hyphens, "
        f"a letter first, {LONGEST} characters at most{hint}."
    )


def _check_free(session: Session, kind: str, name: str, commands: Collection[str]) -> None:
    """Refuse a name that something else has, so that both could not be used."""
    registry, in_words = session.registry, kind.replace("-", " ")
    taken = {each.name: each.distribution for each in registry.plugins}
    if name in taken:
        raise RequestError(f"There is a plugin '{name}' already (of {taken[name]}): give yours another name.")
    for spec_kind in KINDS[kind].specs:
        if name in registry.all(spec_kind):
            owner = registry.owner(spec_kind, name)
            raise RequestError(
                f"The plugin '{owner}' adds the {spec_kind.kind} '{name}' already: give yours another name."
            )
    faults = {
        "dataset": dataset_name_fault(name),
        "preprocessing-step": "stands for no step" if name == NO_STEPS else "",
        "exporter": f"is that of an option of derm export, --{name}" if name in EXPORT_OPTIONS else "",
        "command": "is that of a command that derm has" if name in commands else "",
    }
    if fault := faults.get(kind):
        raise RequestError(f"The name '{name}' {fault}: give your {in_words} another name.")
    try:
        distribution(PREFIX + name)
    except PackageNotFoundError:
        if find_spec(_package(name)) is None:
            return
    raise RequestError(
        f"'{PREFIX}{name}' is installed already, or is a part of derm: give your {in_words} another name."
    )


def _package(name: str) -> str:
    return (PREFIX + name).replace("-", "_")


def _sources(root: str) -> list[Path]:
    return sorted(path for path in (TEMPLATES / root).rglob(f"*{ENDING}") if path.is_file())


def _write(source: Path, root: str, folder: Path, words: dict[str, str]) -> str:
    """Write one file, its words replaced, and return its path relative to ``folder``."""
    parts = source.relative_to(TEMPLATES / root).as_posix().removesuffix(ENDING).split("/")
    # Tools pass over files of a dot, and would take a package of templates for one of derm's.
    path = "/".join(words["package"] if part == "package" else re.sub(r"^dot_", ".", part) for part in parts)
    write_text(folder / path, Template(source.read_text(encoding="utf-8")).substitute(words))
    return path
