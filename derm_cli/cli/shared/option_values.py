"""The types of derm.toml's values: those of the options as the command line and the environment give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.types import BoolParamType, FloatParamType, IntParamType

from derm_cli.errors import RequestError


def checked_value(option: click.Option, key: str, value: object) -> Any:
    """Return a value of derm.toml as ``option`` takes it; what stands for its opposite, as ``no-x``, is turned round.

    A text is read as on the command line; anything else must be of the option's own type, and nothing is converted.
    Raises ValueError with what it must be.
    """
    if option.name == "chain" and isinstance(value, list):
        return ",".join(_checked_list(option, key, value))
    if option.multiple:
        if not isinstance(value, list):
            raise ValueError(f'must be a list, as in {key} = ["…"]')
        return _checked_list(option, key, value)
    if option.nargs > 1:
        if not (isinstance(value, list) and len(value) == option.nargs):
            raise ValueError(f"must be a list of {option.nargs}, as in {key} = [0.9, 0.95]")
        return tuple(_checked_list(option, key, value))
    checked = _checked_item(option, key, value)
    return not checked if option.is_flag and is_opposite(option, key) else checked


def is_opposite(option: click.Option, key: str) -> bool:
    """Tell whether ``key`` names the opposite of a flag, as ``no-x`` does of ``--x/--no-x``."""
    return key in {each.lstrip("-") for each in option.secondary_opts}


def _checked_list(option: click.Option, key: str, values: list[Any]) -> list[Any]:
    for each in values:
        if isinstance(each, list | dict):
            raise ValueError("must be a list of texts in quotes, with nothing inside them")
    return [_checked_item(option, key, each) for each in values]


def _checked_item(option: click.Option, key: str, value: object) -> Any:
    holds, wanted = _TYPES.get(_type_of(option), _TEXT)
    if isinstance(value, str):
        try:
            return option.type.convert(value, option, None)
        except click.BadParameter as error:
            raise ValueError(f"is wrong: {error.message.rstrip('.')}") from None
        except RequestError as error:
            raise ValueError(f"is wrong: {str(error).rstrip('.')}") from None
    if not holds(value):
        raise ValueError(f"must be {wanted.format(key=key)}")
    try:
        return option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise ValueError(f"is out of its range: {error.message.rstrip('.')}") from None
    except OverflowError:
        raise ValueError("is out of its range") from None


def _type_of(option: click.Option) -> type[click.ParamType[Any]]:
    return next((kind for kind in _TYPES if isinstance(option.type, kind)), click.ParamType)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


Kind = tuple[Callable[[object], bool], str]

_TEXT: Kind = (lambda _: False, 'text in quotes, as in {key} = "…"')
_TYPES: dict[type[click.ParamType[Any]], Kind] = {
    BoolParamType: (lambda value: isinstance(value, bool), "'true' or 'false'"),
    IntParamType: (_is_whole, "a whole number, as in {key} = 3"),
    FloatParamType: (lambda value: isinstance(value, float) or _is_whole(value), "a number, as in {key} = 0.5"),
}
"""What a value that is no text must be for each type of an option, and the words for it."""
