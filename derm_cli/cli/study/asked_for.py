"""The arguments and options by which commands are told of a study, and the study that they come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, dataset_names, spec_names
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plugin import Capacity, ExecutorSpec, RecipeSpec
from derm_cli.plugin.options import shown

if TYPE_CHECKING:
    from derm_cli.studies.asking.spec import StudySpec, TrainOptions

F = TypeVar("F", bound=Callable[..., Any])
SUFFIX = ".toml"
_PREFIX = "executor_"


def study_names(ctx: click.Context) -> list[str]:
    """List the studies of the runs folder."""
    from derm_cli.studies.storage.folder import Studies

    return [each.name for each in Studies(session(ctx).runs.root).all()]


def built_in_names(_: click.Context) -> list[str]:
    """List the studies that derm brings."""
    from derm_cli.studies.asking.built_in import TITLES

    return list(TITLES)


study_name_argument = click.argument("name", metavar="STUDY", shell_complete=completing(study_names))


def _whole_number(name: str, said: str) -> Callable[[F], F]:
    return click.option(name, type=click.IntRange(min=1), metavar="N", help=said)


def capacity_options(command: F) -> F:
    """Add the options by which a study that was begun goes on with other workers and cores."""
    for decorate in (
        _whole_number("--cores", "Cores of each training from now on; bits may differ by them.  [default: as before]"),
        _whole_number("--workers", "Trainings at once from now on.  [default: as before]"),
    ):
        command = decorate(command)
    return command


def study_options(command: F) -> F:
    """Add the argument and the options that say which study is meant, and who carries it out."""
    for decorate in (
        _whole_number(
            "--cores", "Cores of each training; bits may differ by them.  [default: what --workers leaves to each]"
        ),
        _whole_number("--workers", "Trainings at once.  [default: as many as cores, memory and GPUs are for]"),
        click.option(
            "--executor",
            default="local",
            show_default=True,
            metavar="NAME",
            help="Who carries it out: local, or a plugin's.",
            shell_complete=completing(spec_names(ExecutorSpec)),
        ),
        click.option("--name", metavar="NAME", help="Name of the study.  [default: that of its file]"),
        click.option(
            "--set",
            "assignments",
            multiple=True,
            metavar="NAME=VALUE",
            help="An option of 'derm train' for every row, as in size=128; seeds=0,1 and folds=5 too; repeatable.",
        ),
        click.option(
            "--target",
            metavar="NAME",
            help="Dataset whose classes all models give.",
            shell_complete=completing(dataset_names),
        ),
        click.argument("study", metavar="STUDY", shell_complete=completing(built_in_names)),
    ):
        command = decorate(command)
    return command


def study_asked_for(
    ctx: click.Context,
    study: str | Mapping[str, Any],
    target: str | None,
    assignments: tuple[str, ...],
    name: str | None,
) -> tuple[StudySpec, TrainOptions]:
    """Return the study of a file, of a table such as one holds, or a built-in one, with how options are read.

    Raises RequestError where there is no such study, and as :func:`derm_cli.studies.asking.study_file.study_of` does.
    """
    from dataclasses import replace

    from derm_cli.cli.study.train_options import CommandTrainOptions
    from derm_cli.studies.asking.built_in import TITLES, built_in_study
    from derm_cli.studies.asking.study_file import read_study_file, study_of

    options = CommandTrainOptions(ctx)
    overrides = _overrides(assignments, options)
    if target:
        overrides["target"] = target
    if not isinstance(study, str):
        spec = study_of("study", study, options, overrides)
    elif study in TITLES:
        named = overrides.get("target")
        content = built_in_study(study, named and str(named), session(ctx).registry.all(RecipeSpec))
        spec = study_of(study, content, options, overrides)
    elif Path(study).suffix.lower() == SUFFIX:
        spec = read_study_file(Path(study), options, overrides)
    elif (file := Path(f"{study}{SUFFIX}")).is_file():
        raise RequestError(f"There is no built-in study '{study}': did you mean the file '{file}'?")
    else:
        raise RequestError(
            f"There is no built-in study '{study}', and a file's name ends with {SUFFIX}.{did_you_mean(study, TITLES)}"
        )
    return (replace(spec, name=name) if name else spec), options


def capacity_asked_for(
    ctx: click.Context, executor: str, workers: int | None, cores: int | None, given: Mapping[str, str | None]
) -> Capacity:
    """Return what an executor is asked for; ``given`` are the texts of executors' own options, by their parameters.

    Raises RequestError as :func:`executor_options` does.
    """
    return Capacity(workers=workers or 0, cores=cores or 0, options=executor_options(ctx, executor, given))


class ExecutorCommand(click.Command):
    """Has an option for each that an executor has of its own; executors that name one alike share it."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and the options of executors."""
        *own, help_option = super().get_params(ctx)
        options: dict[str, list[str]] = {}
        for spec in session(ctx).registry.all(ExecutorSpec).values():
            for option in spec.options:
                said = (
                    f"With --executor {spec.name}: {option.title}, {option.wanted}.  [default: {shown(option.default)}]"
                )
                options.setdefault(option.name, []).append(said)
        added = [
            click.Option([f"--{name.replace('_', '-')}", _parameter(name)], metavar="VALUE", help="  ".join(said))
            for name, said in options.items()
        ]
        return [*own, *added, help_option]


def executor_given(ctx: click.Context, executor: str) -> str | None:
    """Return the executor that was asked for, None where it is the default alone."""
    return None if ctx.get_parameter_source("executor") is ParameterSource.DEFAULT else executor


def own_options(study_s: str, asked_for: str, capacity: Capacity) -> Mapping[str, Any]:
    """Return the options of the executor that a study began with; those of another are none of its own."""
    return capacity.options if study_s == asked_for else {}


def executor_flags(asked: dict[str, Any]) -> dict[str, str | None]:
    """Take what was given of executors' own options from the values of a command's parameters."""
    return {name: asked.pop(name) for name in list(asked) if name.startswith(_PREFIX)}


def executor_options(ctx: click.Context, executor: str, given: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the values of an executor's own options that were given.

    Raises RequestError for an option that it has not, or a value that it cannot have.
    """
    spec = session(ctx).registry.get(ExecutorSpec, executor)
    texts = {
        option.name: text
        for each in session(ctx).registry.all(ExecutorSpec).values()
        for option in each.options
        if (text := given.get(_parameter(option.name))) is not None
    }
    return {name: spec.read_option(name, text, f"--{name.replace('_', '-')} '{text}'") for name, text in texts.items()}


def _parameter(option: str) -> str:
    return _PREFIX + option.replace("-", "_")


def _overrides(assignments: tuple[str, ...], options: TrainOptions) -> dict[str, Any]:
    """Return what ``--set`` says by name; what is given several times is a list."""
    found: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = name.strip().replace("_", "-")
        if not equals:
            raise RequestError(f"--set is '{assignment}', but must be NAME=VALUE, as in --set size=128.")
        try:
            if name == "seeds":
                found[name] = [int(each) for each in text.split(",")]
            elif name == "folds":
                found[name] = int(text)
            elif isinstance(found.get(name), list):
                found[name].append(text)
            elif name in options.repeated:
                found[name] = [text]
            else:
                found[name] = text
        except ValueError:
            raise RequestError(f"--set is '{assignment}', but {name} must be whole numbers, as in {name}=5.") from None
    return found
