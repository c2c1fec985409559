"""The base class of everything that a plugin registers by name, and its checks of fields."""

from __future__ import annotations

from typing import ClassVar

from derm_cli.errors import SpecError

EXPORT_OPTIONS = ("float-input", "help", "json", "labels", "quantize", "zip")
"""Options that ``derm export`` has of its own: no exporter and no packager bears their names, for each is an option."""


class Spec:
    """A named thing that a plugin adds: a frozen dataclass of facts and functions, checked when it is constructed.

    A kind of spec is a subclass with ``kind``, the word for it in sentences, and ``hook``, the name of the hook that
    returns a plugin's specs of this kind as a list.  ``unshared`` names fields, beside the name, of which no two specs
    of the kind may have the same text, letters' case aside.  Kinds of one ``namespace``, such as an option of a command
    for each of its specs, have no name in common.  Raises SpecError for a wrong field.
    """

    kind: ClassVar[str]
    hook: ClassVar[str]
    unshared: ClassVar[tuple[str, ...]] = ()
    namespace: ClassVar[str] = ""
    name: str
    title: str

    def __post_init__(self) -> None:
        name = self.name
        fits = isinstance(name, str) and name and all(part.isalnum() for part in name.split("-"))
        self._require(fits and name == name.lower(), "name", name, "lower-case words joined by hyphens")
        self._require(isinstance(self.title, str) and self.title, "title", self.title, "a text")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.name}'>"

    def _require(self, holds: object, field: str, value: object, wanted: str) -> None:
        if not holds:
            label = self.name if isinstance(self.name, str) and self.name else "?"
            raise SpecError(f"{self.kind} '{label}': field '{field}' is {value!r}, but must be {wanted}.")

    def _require_callable(self, *fields: str) -> None:
        for field in fields:
            value = getattr(self, field)
            self._require(callable(value), field, value, "a function")

    def _require_no_export_option(self) -> None:
        options = ", ".join(f"--{each}" for each in EXPORT_OPTIONS)
        self._require(self.name not in EXPORT_OPTIONS, "name", self.name, f"no option of 'derm export' ({options})")

    def _require_text(self, *fields: str) -> None:
        for field in fields:
            value = getattr(self, field)
            self._require(isinstance(value, str) and value, field, value, "a text")

    def _require_tuple(self, field: str, *types: type, order: str = "", empty: bool = True) -> None:
        value = getattr(self, field)
        fits = isinstance(value, tuple) and all(isinstance(each, types) for each in value)
        wanted = "a tuple of " + " and ".join(each.__name__ for each in types) + order
        self._require(fits and (empty or value), field, value, wanted)
