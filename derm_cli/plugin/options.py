"""Options that specs of plugins have of their own: each with its default, its type, and what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.phase_options import Component
from derm_cli.plugin.spec import Spec


@dataclass(frozen=True, kw_only=True)
class ComponentOption:
    """An option of a component: its name in lower case, its default, and what it means.

    A number lies between ``least`` and ``most``.  A default that is a pair of numbers asks for a range, the smaller
    number first; a text for one of ``choices``, or any where there are none; a boolean for ``on`` or ``off``; a whole
    number for a whole number.
    """

    name: str
    default: float | int | str | bool | tuple[float, float]
    title: str
    least: float = 0.0
    most: float = 1.0
    choices: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if isinstance(self.default, bool):
            return "'on' or 'off'"
        if isinstance(self.default, str):
            return "a text"
        bounds = f"from {self.least:g} to {self.most:g}"
        if isinstance(self.default, tuple):
            return f"two numbers {bounds}, the smaller first"
        return f"a whole number {bounds}" if isinstance(self.default, int) else f"a number {bounds}"

    def checked(self, value: Any) -> Any:
        """Return a value in the option's type.  Raises ValueError where it is none that the option can have."""
        if self.choices:
            if value not in self.choices:
                raise ValueError
            return value
        if isinstance(self.default, str):
            if not (isinstance(value, str) and value.strip()):
                raise ValueError
            return value.strip()
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise ValueError
            return value
        if isinstance(self.default, tuple):
            low, high = (self._number(each) for each in value)
            if low > high:
                raise ValueError
            return low, high
        number = self._number(value)
        if isinstance(self.default, int):
            if number != int(number):
                raise ValueError
            return int(number)
        return number

    def read(self, text: str) -> Any:
        """Return the value that a text such as ``2``, ``0.1..0.9`` or ``on`` stands for.  Raises ValueError."""
        if isinstance(self.default, tuple):
            separator = ".." if ".." in text else ","
            return self.checked(tuple(float(each) for each in text.split(separator)))
        if isinstance(self.default, bool):
            return {"on": True, "off": False}[text] if text in ("on", "off") else self.checked(text)
        return self.checked(text if isinstance(self.default, str) else float(text))

    def _number(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        if not (math.isfinite(value) and self.least <= value <= self.most):
            raise ValueError
        return float(value)


class OptionedSpec(Spec):
    """A spec with options of its own, each with its default, its type and what it means, which users give by text."""

    options: tuple[ComponentOption, ...]

    def _require_options(self) -> None:
        self._require_tuple("options", ComponentOption)
        for option in self.options:
            try:
                option.checked(option.default)
            except (TypeError, ValueError):
                self._require(False, f"options: {option.name}", option.default, option.wanted)

    def component(self, options: Mapping[str, Any] | None = None) -> Component:
        """Return the component with ``options``, and with its defaults for the others.

        Raises RequestError for an unknown option, or a value that it cannot have.
        """
        given = dict(options or {})
        known = {option.name: option for option in self.options}
        for name in given:
            self.option(name)
        values = {}
        for name, option in known.items():
            value = given.get(name, option.default)
            try:
                values[name] = option.checked(value)
            except (TypeError, ValueError):
                raise RequestError(
                    f"The {self.kind} '{self.name}' has '{name}' as '{shown(value)}', but it must be {option.wanted}."
                ) from None
        return Component(name=self.name, options=values)

    def option(self, name: str) -> ComponentOption:
        """Return the option of a name.  Raises RequestError where there is none."""
        known = {option.name: option for option in self.options}
        if name not in known:
            having = f" Options: {', '.join(known)}." if known else " It has none."
            raise RequestError(
                f"The {self.kind} '{self.name}' has no option '{name}'.{did_you_mean(name, known)}{having}"
            )
        return known[name]

    def read_option(self, name: str, text: str, asked_by: str) -> Any:
        """Return the value that a text gives an option; ``asked_by`` begins the sentence of an error.

        Raises RequestError for an option that is not there, or a value that it cannot have.
        """
        option = self.option(name)
        try:
            return option.read(text)
        except (KeyError, ValueError):
            raise RequestError(
                f"{asked_by}: '{name}' of the {self.kind} '{self.name}' must be {option.wanted}, as in "
                f"{name}={shown(option.default)}."
            ) from None


def component_of_text(spec: OptionedSpec, text: str, asked_by: str) -> Component:
    """Return the component of ``spec`` that ``NAME[:OPTION=VALUE,…]`` asks for, with every option.

    ``asked_by`` begins the sentence of an error.  Raises RequestError for an option that is not there, or a value that
    it cannot have.
    """
    assignments = text.partition(":")[2]
    given = [each.strip().partition("=") for each in assignments.split(",")] if assignments else []
    return spec.component({name: spec.read_option(name, value, asked_by) for name, _, value in given})


def shown(value: Any) -> str:
    """Return a value of an option as it is typed."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        return "..".join(shown(each) for each in value)
    return f"{value:g}" if isinstance(value, int | float) else str(value)
