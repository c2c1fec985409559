"""The options of a command where no command line gives them: as a study's file and Python callers do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli.shared.defaults import defaults_for, options_by_key, warn_of_unused_variables
from derm_cli.cli.shared.option_values import checked_value
from derm_cli.errors import RequestError, did_you_mean, one_line

if TYPE_CHECKING:
    from derm_cli.workflows.session import Session


def root_context(session: Session, folders: Mapping[str, str | None], invoked: str) -> click.Context:
    """Return the context of ``derm`` for a call of the command ``invoked``, with the defaults that derm.toml gives it.

    ``folders`` are those of the call, by setting.  Raises as :func:`derm_cli.cli.shared.defaults.defaults_for` does.
    """
    from derm_cli.cli import cli

    root = click.Context(cli, info_name="derm", obj=session, **cli.context_settings)
    root.params = dict(folders)
    root.invoked_subcommand = invoked
    root.default_map = defaults_for(root, session.settings)
    warn_of_unused_variables(root, os.environ)
    return root


def context_of(root: click.Context, command: click.Command, name: str, words: Sequence[str]) -> click.Context:
    """Return the context of a command called ``name`` with these words.  Raises RequestError for what is wrong."""
    try:
        return command.make_context(name, list(words), parent=root)
    except click.UsageError as error:
        raise RequestError(one_line(error.message)) from None


def words_of(option: click.Option, key: str, value: Any) -> Iterator[str]:
    """Yield the words that give an option a value, as they are typed; of a flag that is off, and has no other, none."""
    if option.is_flag:
        yield from (option.opts if value else option.secondary_opts)[:1]
    elif option.nargs > 1:
        yield f"--{key}"
        yield from map(str, value)
    elif option.multiple:
        yield from (f"--{key}={each}" for each in value)
    else:
        yield f"--{key}={value}"


def keyword_words(
    called: str, command: click.Command, root: click.Context, given: Mapping[str, Any], elsewhere: Mapping[str, str]
) -> list[str]:
    """Return keyword arguments as the words of a command; None stands for what was not given.

    An option that may be given several times takes a list, or a mapping where each is NAME=VALUE.  ``elsewhere`` says
    of options that ``called`` does not take what to do instead.  Raises RequestError for such a one, for one that there
    is not, with the nearest, and for a value that its option does not take.
    """
    options = options_by_key(command, root)
    known = [key.replace("-", "_") for key in options if key not in elsewhere]
    words: list[str] = []
    for name, value in given.items():
        key = name.replace("_", "-")
        if key in elsewhere:
            raise RequestError(f"{called} does not take '{name}': {elsewhere[key]}.")
        if key not in options:
            raise RequestError(f"{called} has no option '{name}'.{did_you_mean(name, known)}")
        if value is not None:
            words += words_of(options[key], key, _checked(options[key], key, name, value))
    return words


def _checked(option: click.Option, key: str, name: str, value: Any) -> Any:
    if option.multiple:
        value = [value] if isinstance(value, str) else _items(value)
    try:
        checked = checked_value(option, key, value)
    except ValueError as error:
        raise RequestError(f"'{name}' is {value!r}, but {error}.") from None
    # A flag's name on the command line may say the opposite of its parameter's.
    return checked


def _items(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [f"{name}={each}" for name, each in value.items()]
    return [str(each) if isinstance(each, int | float) else each for each in value] if _is_list(value) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)
