"""Options and arguments that name files: those that a command reads, and those that it writes, which are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from derm_cli.cli import session

F = TypeVar("F", bound=Callable[..., Any])


class InputFile(click.Path):
    """A file, or a folder, that a command reads."""


class OutputFile(click.Path):
    """A file that a command writes: :class:`WritingCommand` checks it before the command begins."""


class OutputFolder(click.Path):
    """A folder that a command writes in: :class:`WritingCommand` checks where it is, the command what is in it."""


input_file = InputFile(path_type=Path, dir_okay=False)
input_path = InputFile(path_type=Path)
output_file = OutputFile(path_type=Path, dir_okay=False)
output_folder = OutputFolder(path_type=Path)


def force_option(command: F) -> F:
    """Add the option that allows to replace files that derm did not write."""
    return click.option(
        "--force", is_flag=True, help="Replace a file that is there, even one that derm did not write."
    )(command)


class WritingCommand(click.Command):
    """A command that writes files where it is told to: nothing that must stay is overwritten.

    All its output files are checked, and refused by RequestError, before the command begins.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Check the output files, and run the command."""
        with outputs_checked(ctx):
            return super().invoke(ctx)


@contextmanager
def outputs_checked(ctx: click.Context) -> Iterator[None]:
    """Check the output files of a command, and note after the ``with`` block that derm wrote them.

    Raises RequestError for one that must stay as it is.
    """
    outputs = []
    for parameter in ctx.command.get_params(ctx):
        path = ctx.params.get(str(parameter.name))
        if path is not None and isinstance(parameter.type, OutputFile):
            outputs.append((_called(parameter), path))
        if path is not None and isinstance(parameter.type, OutputFolder):
            _check_folder(ctx, _called(parameter), path)
    if not outputs:
        yield
        return
    with writing_files(ctx, outputs):
        yield


def writing_files(ctx: click.Context, outputs: Sequence[tuple[str, Path]]) -> AbstractContextManager[None]:
    """Return :func:`derm_cli.workflows.output_files.writing` for a block of a command that reads what it is given."""
    from derm_cli.workflows.output_files import writing

    return writing(session(ctx), outputs, _input_files(ctx), force=bool(ctx.params.get("force")))


def _check_folder(ctx: click.Context, option: str, folder: Path) -> None:
    from derm_cli.workflows.output_files import check_output_folder

    check_output_folder(session(ctx), option, folder)


def _called(parameter: click.Parameter) -> str:
    return parameter.opts[0] if isinstance(parameter, click.Option) else str(parameter.name).upper()


def _input_files(ctx: click.Context) -> list[Path]:
    """Return every file that a parameter of the command names, but for those to be written."""
    written = {each.name for each in ctx.command.get_params(ctx) if isinstance(each.type, OutputFile | OutputFolder)}
    values = (each for name, value in ctx.params.items() if name not in written for each in _flat(value))
    return [Path(each) for each in values if isinstance(each, str | Path) and _is_file(Path(each))]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, Iterable) and not isinstance(value, str):
        for each in value:
            yield from _flat(each)
    else:
        yield value
