"""The options of ``derm train`` as a study has them: each row is read as the command line reads it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.defaults import command_defaults, options_by_key
from derm_cli.cli.shared.keywords import context_of, words_of
from derm_cli.cli.shared.option_values import checked_value
from derm_cli.cli.train import command as train_command
from derm_cli.cli.train.asked_for import request_of
from derm_cli.cli.train.recipe import options_with_recipe

if TYPE_CHECKING:
    from derm_cli.workflows.training.request import TrainRequest

_NOT_ASKED_FOR = ("resume", "repeat", "dry_run", "as_json", "no_store", "ensemble", "opens")
"""Parameters of the command that are no part of a request."""


class CommandTrainOptions:
    """Reads options of ``derm train`` over those of derm.toml and of variables, as :class:`TrainOptions` says."""

    def __init__(self, ctx: click.Context) -> None:
        self._root = ctx.find_root()
        self._defaults = command_defaults(train_command, "train", self._root, session(ctx).settings)

    @cached_property
    def _options(self) -> dict[str, click.Option]:
        return options_by_key(train_command, self._root)

    @property
    def names(self) -> Collection[str]:
        """The options by their names on the command line, without the hyphens before them."""
        return self._options.keys()

    @property
    def repeated(self) -> Collection[str]:
        """Those of them that can be given several times, whose values are lists."""
        return {name for name, option in self._options.items() if option.multiple}

    def checked(self, name: str, value: object) -> Any:
        """Return a value as its option takes it.  Raises ValueError with what it must be."""
        return checked_value(self._options[name], name, value)

    def default(self, name: str, beside: Mapping[str, Any]) -> Any:
        """Return the value that an option has where it is not given, ``beside`` others; lists in place of tuples."""
        ctx = self._context({key: value for key, value in beside.items() if key != name})
        value = options_with_recipe(ctx, self._asked_for(ctx))[str(self._options[name].name)]
        return list(value) if isinstance(value, tuple) else value

    def request(self, options: Mapping[str, Any]) -> TrainRequest:
        """Return the training that options ask for.  Raises RequestError for what cannot be meant."""
        ctx = self._context(options)
        return request_of(ctx, self._asked_for(ctx))

    def _context(self, options: Mapping[str, Any]) -> click.Context:
        words = [word for name, value in options.items() for word in words_of(self._options[name], name, value)]
        root = self._root
        root.default_map = {**(root.default_map or {}), "train": self._defaults}
        return context_of(root, train_command, "train", words)

    @staticmethod
    def _asked_for(ctx: click.Context) -> dict[str, Any]:
        return {name: value for name, value in ctx.params.items() if name not in _NOT_ASKED_FOR}
