"""Finds the plugins of this environment by entry point, and imports them apart from one another's faults."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

import pluggy

from derm_cli.errors import did_you_mean
from derm_cli.plugin import hookspecs
from derm_cli.plugin.calling import HOOK, Origin, PluginFault, call, error_text
from derm_cli.plugin.code_places import home_of, place_of
from derm_cli.plugin.interface import NEED, OLDEST_INTERFACE, DeprecatedInDerm, unmet_need, written_need
from derm_cli.plugin.marker import PROJECT
from derm_cli.plugin.project import ProjectPlugin

DISTRIBUTION = "derm-cli"
"""Derm's own distribution, as its installation names it."""
GROUP = "derm"
"""The group of entry points that name plugins."""
HEAVY = {"tensorflow": "TensorFlow", "keras": "Keras", "jax": "JAX", "torch": "PyTorch", "pandas": "pandas"}
"""Libraries whose import takes seconds or a good part of one, by what people call them."""


@dataclass(frozen=True)
class Problem:
    """A plugin's fault, the message that describes it, and the distribution that ships the plugin, if it is known."""

    plugin: str
    message: str
    distribution: str = ""

    def __str__(self) -> str:
        return f"{Origin(self.plugin, self.distribution).owner}: {self.message}"


@dataclass(frozen=True)
class LoadedPlugin:
    """A plugin that is in use: its name, and the entry point that brought it."""

    name: str
    point: metadata.EntryPoint | ProjectPlugin

    @property
    def module(self) -> str:
        """The module that the entry point names."""
        return self.point.value

    @property
    def is_own(self) -> bool:
        """Whether derm itself ships the plugin."""
        return self.origin.is_own

    @property
    def distribution(self) -> str:
        """The distribution that ships the plugin, and its version; of a project's own plugin its file."""
        if isinstance(self.point, ProjectPlugin):
            return str(self.point.path)
        return self.origin.distribution or "?"

    @property
    def origin(self) -> Origin:
        """Whose its code is."""
        return origin_of(self.point)


def origin_of(point: metadata.EntryPoint | ProjectPlugin) -> Origin:
    """Return whose the code is that an entry point names."""
    # A plugin that is a project's own file has its path.
    home = getattr(point, "path", None) or home_of(point.value)
    is_own = point.dist is not None and (point.name, point.value) in _own_points()
    return Origin(point.name, point.dist, home, is_own, what="it")


@cache
def _own_points() -> frozenset[tuple[str, str]]:
    """Return the names and modules of derm's own plugins, as its installation has them.

    The name of a distribution would be read from a file that takes long to parse.
    """
    try:
        points = metadata.distribution(DISTRIBUTION).entry_points
    except metadata.PackageNotFoundError:
        return frozenset()
    return frozenset((point.name, point.value) for point in points if point.group == GROUP)


def load_plugins(
    manager: pluggy.PluginManager,
    only: Sequence[str] | None,
    disabled: Sequence[str],
    project: ProjectPlugin | None = None,
) -> tuple[list[LoadedPlugin], list[Problem]]:
    """Register with ``manager`` the plugins of the group ``derm``, and return those in use and what is wrong.

    ``only`` admits no other names, ``disabled`` refuses names; ``project`` is the one that a project has in a file of
    its own.  A plugin that cannot be imported is left out.
    """
    installed_points = sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)
    points: list[metadata.EntryPoint | ProjectPlugin] = [*installed_points, *([project] if project else [])]
    installed = {point.name for point in points}
    plugins = []
    problems = [
        Problem(name, "it is not installed." + did_you_mean(name, installed))
        for name in [*(only or ()), *disabled]
        if name not in installed
    ]
    for point in points:
        name = point.name
        if (only is not None and name not in only) or name in disabled:
            continue
        if manager.has_plugin(name):
            message = f"two distributions give this name; '{point.value}' is left out. Uninstall one."
            problems.append(_problem(point, message))
            continue
        module, message = _imported(point)
        if module is None:
            problems.append(_problem(point, message))
            continue
        problems += [_problem(point, each) for each in _unusable_hooks(module)]
        try:
            manager.register(module, name=name)
        except Exception as error:
            unregister(manager, name)
            problems.append(_problem(point, f"it cannot be used ({error_text(error)}): tell its author."))
            continue
        problems += [_problem(point, each) for each in filter(None, message.splitlines())]
        plugins.append(LoadedPlugin(name, point))
    return plugins, problems


def unregister(manager: pluggy.PluginManager, name: str) -> None:
    """Remove the plugin ``name`` and its hooks from ``manager``, if it is there."""
    if manager.has_plugin(name):
        manager.unregister(name=name)


def _problem(point: metadata.EntryPoint | ProjectPlugin, message: str) -> Problem:
    return Problem(point.name, message, origin_of(point).distribution)


def _imported(point: metadata.EntryPoint | ProjectPlugin) -> tuple[Any, str]:
    """Import a plugin; return it and what is to be said of it, a line each, or None and why it is left out."""
    before = {name for name in HEAVY if name in sys.modules}
    origin = origin_of(point)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DeprecatedInDerm)
            module = call(origin, point.load, role=HOOK, is_quiet=not origin.is_own)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        cause = error.__cause__ if isinstance(error, PluginFault) else error
        need = written_need(point.value)
        if need is not None and (unmet := unmet_need(need)):
            return None, unmet
        place = place_of(origin.home, None, cause)
        return (
            None,
            f"it cannot be used ({'; '.join(filter(None, (error_text(cause or error), place)))}): tell its author.",
        )
    said = [_deprecation(each) for each in caught if issubclass(each.category, DeprecatedInDerm)]
    for each in caught:
        if not issubclass(each.category, DeprecatedInDerm):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if unmet := unmet_need(getattr(module, NEED, OLDEST_INTERFACE)):
        return None, unmet
    for name in sorted(HEAVY.keys() - before):
        if name in sys.modules and not origin.is_own:
            said.append(
                f"its import imports {HEAVY[name]}, which every command of derm then waits for: import it inside the "
                "functions that need it, or tell its author."
            )
            break
    return module, "\n".join(said)


def _deprecation(warning: warnings.WarningMessage) -> str:
    return f"{warning.message} ('{warning.filename}', line {warning.lineno}), or tell its author."


def _unusable_hooks(module: object) -> Iterator[str]:
    """Yield a message for each hook of ``module`` that derm does not have, that lacks its marker, or asks for more.

    A hook that asks for what it is not told is taken out of the module's hooks: it is never called.
    """
    specified = {name: function for name, function in vars(hookspecs).items() if name.startswith(f"{PROJECT}_")}
    for attribute, function in list(vars(module).items()):
        options = getattr(function, f"{PROJECT}_impl", None)
        if options is None:
            if attribute in specified:
                yield f"the function '{attribute}' lacks the marker @hookimpl and is never called."
            continue
        hook = options.get("specname") or attribute
        if hook not in specified:
            yield f"there is no hook '{hook}'." + did_you_mean(hook, specified)
            continue
        known = pluggy_arguments(specified[hook])
        for name in pluggy_arguments(function):
            if name not in known:
                delattr(function, f"{PROJECT}_impl")
                nearest = did_you_mean(name, known) if known else " It has none."
                yield f"{hook} has no argument '{name}', so it is never called.{nearest}"
                break


def pluggy_arguments(function: Any) -> tuple[str, ...]:
    """Return the names of the arguments without a default that a hook's function takes, as pluggy counts them."""
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(each.name for each in parameters if each.kind in kinds and each.default is inspect.Parameter.empty)
