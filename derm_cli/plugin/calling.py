"""The one way from derm into a plugin's code: its functions are called here, and what goes wrong there is told as its.

A registry hands out specs whose functions are :class:`PluginFunction`, and so is what these give to be called later.
Hence nobody can call a plugin's function by another way.
"""

from __future__ import annotations

import copy
import errno
import functools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, TypeVar

from derm_cli.errors import DermError, Interrupted, did_you_mean, first_line
from derm_cli.plugin.code_places import passes, place_of
from derm_cli.plugin.declared import described, mismatch, result_of
from derm_cli.plugin.results import may_raise, wrong_content
from derm_cli.quiet import quietly

T = TypeVar("T")
_OF_THE_MACHINE = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM", "EPIPE", "EACCES", "EPERM")
    if hasattr(errno, name)
)
"""What a system refuses to whoever asks: no fault of the plugin that did."""
HOOK = "hook"
"""The role of a hook's function, whose errors a registry tells of."""
_WRONG_ARGUMENT = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")


class PluginFault(DermError):
    """A plugin's code failed, or gave what it should not: ``message`` says what, beside whose it is."""

    def __init__(self, origin: Origin, message: str) -> None:
        self.origin, self.message = origin, message
        super().__init__(f"{origin.owner}: {message}")


@functools.cache
def distribution_label(distribution: Distribution) -> str:
    """Return the name and the version of a distribution."""
    facts = distribution.metadata
    return f"{facts['Name']} {facts['Version']}"


@dataclass(frozen=True)
class Origin:
    """Whose code is called: the plugin, who ships it, where its files are, and ``what`` of it is called."""

    plugin: str
    shipped_by: str | Distribution | None = None
    home: Path | None = None
    is_own: bool = False
    what: str = ""

    @property
    def distribution(self) -> str:
        """The distribution that ships the plugin, and its version; '' where none is known.

        It is read when it is asked for, which takes longer than to import a small plugin.
        """
        if self.shipped_by is None or isinstance(self.shipped_by, str):
            return self.shipped_by or ""
        return distribution_label(self.shipped_by)

    @property
    def owner(self) -> str:
        """The plugin and its distribution, as sentences begin."""
        return f"Plugin '{self.plugin}'" + (f" ({self.distribution})" if self.distribution else "")

    def wrong(self, function: Any, said: str) -> PluginFault:
        """Return the fault that ``function`` gives something wrong, of which ``said`` tells, as in ``gives None``."""
        return PluginFault(self, f"{self.what} {said}{_in_brackets(place_of(self.home, function))}: tell its author.")

    def failed(self, function: Any, error: BaseException) -> PluginFault:
        """Return the fault that ``function`` raised ``error``."""
        place = place_of(self.home, function, error)
        said = "; ".join(filter(None, (error_text(error), place)))
        return PluginFault(self, f"{self.what} fails ({said}): tell its author.")


def _in_brackets(place: str) -> str:
    return f" ({place})" if place else ""


def error_text(error: BaseException) -> str:
    """Return what an error says, in one line: a DermError's sentence, else the error's type and message.

    Where a class of :mod:`derm_cli.plugin` was given a field that it has not, that is the nearest one.
    """
    if isinstance(error, DermError):
        return str(error).rstrip(".")
    if isinstance(error, TypeError) and (match := _WRONG_ARGUMENT.search(str(error))):
        from derm_cli.plugin.lazy import PUBLIC_NAMES, import_name

        kind, field = match.groups()
        if kind in PUBLIC_NAMES and is_dataclass(import_name(kind)):
            known = [each.name for each in fields(import_name(kind))]
            return f"{kind} has no field '{field}'.{did_you_mean(field, known)}"
    said = first_line(error, 400) if str(error) else ""
    return f"{type(error).__name__}: {said}".removesuffix(": ")


class Loud:
    """Whether what plugins print is shown; the command line asks for it with ``--verbose``."""

    is_on = False


@contextmanager
def showing_output(is_on: bool) -> Iterator[None]:
    """Show what plugins print, if ``is_on``, for who looks for a fault in one."""
    before, Loud.is_on = Loud.is_on, is_on
    try:
        yield
    finally:
        Loud.is_on = before


def _quiet(is_wanted: bool) -> AbstractContextManager[None]:
    # What another thread prints meanwhile would be held back with it.
    if not is_wanted or Loud.is_on or threading.current_thread() is not threading.main_thread():
        return nullcontext()
    return quietly()


def call(  # noqa: PLR0917 - all that is known of a call
    origin: Origin,
    function: Callable[..., T],
    arguments: tuple[Any, ...] = (),
    options: dict[str, Any] | None = None,
    declared: str = "",
    role: str = "",
    is_quiet: bool = True,
) -> T:
    """Call a plugin's ``function``, and return what it gives where that is what is ``declared``.

    ``role`` is the spec's kind and the field, as in ``sampler.build``, by which more is known of what it may raise and
    give.  Raises PluginFault where it fails, or gives something else.  A DermError stays the sentence that it is, with
    the plugin named.  What is no fault of code passes: an interrupt, memory that is used up, a disk that is full.
    Errors of derm's own plugins pass too, for they are derm's.
    """
    try:
        with _quiet(is_quiet):
            result = function(*arguments, **(options or {}))
    except DermError as error:
        if role != HOOK:
            named(error, origin)
        raise
    except (Exception, SystemExit) as error:
        if origin.is_own or is_of_the_machine(error) or isinstance(error, may_raise(role)):
            raise
        # A command calls much of derm, which may fail by itself.
        if role == "command" and not passes(error, origin.home):
            raise
        raise origin.failed(function, error) from error
    if wrong := _wrong(result, declared, role, arguments):
        raise origin.wrong(function, wrong)
    return result


def _wrong(result: Any, declared: str, role: str, arguments: tuple[Any, ...]) -> str:
    """Return what is wrong with a result, as a sentence goes on after whose it is; '' where nothing is."""
    if declared not in ("", "None") and (wrong := mismatch(result, declared)):
        return f"gives {wrong}, but must give {declared}"
    try:
        return wrong_content(role, result, arguments)
    # What was given computes when it is looked at.
    except (AttributeError, TypeError, ValueError, LookupError) as error:
        return f"gives {described(result)} that cannot be used ({error_text(error)})"


def named(error: DermError, origin: Origin) -> None:
    """Add to an error the plugin that raised it; derm's own, and signals, stay as they are."""
    if not origin.is_own and not isinstance(error, PluginFault | Interrupted) and not hasattr(error, "origin"):
        error.origin = origin  # type: ignore[attr-defined]
        error.args = (f"{error} ({origin.owner}.)",)


def is_of_the_machine(error: BaseException) -> bool:
    """Tell whether an error is of what the machine has no more of, or refuses: memory, disk, permission."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _OF_THE_MACHINE):
        return True
    # Memory of an accelerator that is used up, as TensorFlow and XLA tell of it.
    return type(error).__name__ == "ResourceExhaustedError" or str(error).startswith("RESOURCE_EXHAUSTED")


class PluginFunction:
    """A plugin's function, as it is called from derm: by :func:`call`."""

    def __init__(
        self, origin: Origin, function: Callable[..., Any], declared: str, role: str = "", is_quiet: bool = True
    ) -> None:
        functools.update_wrapper(self, function)
        self.origin, self.function, self.declared, self.role = origin, function, declared, role
        self._is_quiet = is_quiet

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function; what it gives to be called later is one of these too."""
        given = call(self.origin, self.function, arguments, options, self.declared, self.role, self._is_quiet)
        return _result(given, self)

    def wrong(self, said: str) -> PluginFault:
        """Return the fault that the function gives something wrong, of which ``said`` tells."""
        return self.origin.wrong(self.function, said)


class PluginObject:
    """What a plugin gives to be used later, as a Predictor: its methods are called by :func:`call`."""

    def __init__(self, origin: Origin, value: Any, methods: dict[str, PluginFunction]) -> None:
        self.origin, self.value, self._methods = origin, value, methods

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call what the plugin gave."""
        return self._methods["__call__"](*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of what the plugin gave; a method of the protocol is called by :func:`call`."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self._methods[name] if name in self._methods else getattr(self.value, name)


_METHODS: dict[str, dict[str, str]] = {
    "Predictor": {"__call__": "np.ndarray[Any, Any]"},
    "Mixing": {"draw": "MixDraw"},
    "UpdateRule": {"corrected": "", "update": "tuple[Any, Any]"},
    "Average": {"weights": "np.ndarray[Any, Any]"},
}
"""The methods of the protocols of the face, and what is declared of each."""
_TRACED = frozenset({"loss.build", "optimizer.build"})
"""Whose results are called while a program is traced, in whatever thread."""


def _result(given: Any, by: PluginFunction) -> Any:
    """Return what ``by`` gave, with what can be called of it going by :func:`call`; derm's own stays as it is."""
    origin, wanted = by.origin, by.declared.removesuffix(" | None")
    if origin.is_own or given is None or not wanted:
        return given
    is_quiet = by.role not in _TRACED
    if wanted in _METHODS:
        methods = {
            name: PluginFunction(
                replace(origin, what=f"{wanted if name == '__call__' else name} of {_of(origin.what)}"),
                getattr(given, name),
                declared,
                f"{wanted}.{name}",
                is_quiet,
            )
            for name, declared in _METHODS[wanted].items()
        }
        return PluginObject(origin, given, methods)
    later = replace(origin, what=f"what {origin.what} gives")
    if wanted.startswith("Callable["):
        return PluginFunction(later, given, result_of(wanted), f"{by.role}()", is_quiet)
    if wanted == "tuple[View, ...]":
        return tuple(PluginFunction(later, each, "np.ndarray[Any, Any]", f"{by.role}()", is_quiet) for each in given)
    return given


def _of(what: str) -> str:
    """Return whose function ``what`` is, as in ``exporter 'zip'`` of ``load of exporter 'zip'``."""
    return what.partition(" of ")[2] or what


def guarded(spec: T, origin: Origin) -> T:
    """Return a copy of a spec whose functions, those of its variants and lists too, are called by :func:`call`."""
    kind = getattr(spec, "kind", type(spec).__name__.lower())
    name = getattr(spec, "name", None) or getattr(spec, "address", "")
    copied: T = _guarded(spec, origin, kind, f"{kind} '{name}'")
    return copied


def _guarded(part: Any, origin: Origin, kind: str, whose: str) -> Any:
    changes: dict[str, Any] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if callable(value) and "Callable[" in str(each.type) and not isinstance(value, PluginFunction):
            origin_of_it = replace(origin, what=f"{each.name} of {whose}")
            changes[each.name] = PluginFunction(origin_of_it, value, result_of(str(each.type)), f"{kind}.{each.name}")
        elif isinstance(value, tuple) and any(_has_functions(item) for item in value):
            changes[each.name] = tuple(_guarded_part(item, origin, whose) for item in value)
    if not changes:
        return part
    copied = copy.copy(part)
    for name, value in changes.items():
        object.__setattr__(copied, name, value)
    return copied


def _guarded_part(item: Any, origin: Origin, whose: str) -> Any:
    if not _has_functions(item):
        return item
    kind = type(item).__name__
    name = getattr(item, "name", None) or getattr(item, "address", "")
    word = {"ExporterVariant": "variant", "Listing": "list"}.get(kind, kind)
    return _guarded(item, origin, word, f"{word} '{name}' of {whose}")


def _has_functions(item: Any) -> bool:
    return (
        is_dataclass(item)
        and not isinstance(item, type)
        and any("Callable[" in str(each.type) for each in fields(item))
    )


def fault_in(error: BaseException, origins: Iterator[Origin]) -> PluginFault | None:
    """Return the plugin's fault that an unexpected error is, None where it is none's.

    That is one which a framework hid in an error of its own, or an error from the code of one of ``origins``, as of a
    layer that it gave.
    """
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        if isinstance(following, PluginFault):
            return following
        chain.append(following)
        following = following.__cause__ or following.__context__
    if is_of_the_machine(error):
        return None
    for origin in origins:
        if not origin.is_own and passes(error, origin.home):
            return replace(origin, what="its code").failed(None, error)
    return None


def wrong_result(function: Any, said: str, otherwise: str) -> DermError:
    """Return the error that a plugin's ``function`` gives something wrong, of which ``said`` tells.

    ``otherwise`` is the sentence where nobody knows whose it is: a spec that was not taken from a registry.
    """
    while not isinstance(function, PluginFunction) and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function.wrong(said) if isinstance(function, PluginFunction) else DermError(otherwise)
