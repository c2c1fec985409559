"""Finds the plugins of this environment by entry point, and imports them apart from one another's faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata

import pluggy

from derm_cli.errors import DermError, did_you_mean
from derm_cli.plugin import hookspecs
from derm_cli.plugin.marker import PROJECT
from derm_cli.plugin.project import ProjectPlugin

DISTRIBUTION = "derm-cli"
"""Derm's own distribution, as its installation names it."""
GROUP = "derm"
"""The group of entry points that name plugins."""


@dataclass(frozen=True)
class Problem:
    """A plugin's fault, and the message that describes it."""

    plugin: str
    message: str

    def __str__(self) -> str:
        return f"Plugin '{self.plugin}': {self.message}"


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
        return self.point.dist is not None and self.point.dist.name == DISTRIBUTION

    @property
    def distribution(self) -> str:
        """The distribution that ships the plugin, and its version; of a project's own plugin its file."""
        if isinstance(self.point, ProjectPlugin):
            return str(self.point.path)
        return _label(self.point.dist) if self.point.dist else "?"


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
            problems.append(Problem(name, message))
            continue
        try:
            module = point.load()
            manager.register(module, name=name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            unregister(manager, name)
            problems.append(Problem(name, f"it cannot be used ({error_text(error)})."))
            continue
        problems += [Problem(name, message) for message in _unusable_hooks(manager, module)]
        plugins.append(LoadedPlugin(name, point))
    return plugins, problems


def unregister(manager: pluggy.PluginManager, name: str) -> None:
    """Remove the plugin ``name`` and its hooks from ``manager``, if it is there."""
    if manager.has_plugin(name):
        manager.unregister(name=name)


def error_text(error: BaseException) -> str:
    """Return what an error says, in one line: a DermError's sentence, else the error's type and message."""
    if isinstance(error, DermError):
        return str(error)
    return f"{type(error).__name__}: {error}".strip().replace("\n", " ")


def _unusable_hooks(manager: pluggy.PluginManager, module: object) -> Iterator[str]:
    """Yield a message for each hook of ``module`` that derm does not have, or that lacks its marker."""
    specified = {name for name in vars(hookspecs) if name.startswith(f"{PROJECT}_")}
    for caller in manager.get_hookcallers(module) or ():
        if not caller.has_spec():
            yield f"there is no hook '{caller.name}'." + did_you_mean(caller.name, specified)
    for attribute in vars(module):
        unmarked = getattr(getattr(module, attribute), f"{PROJECT}_impl", None) is None
        if attribute in specified and unmarked:
            yield f"the function '{attribute}' lacks the marker @hookimpl and is never called."


@cache
def _label(distribution: metadata.Distribution) -> str:
    facts = distribution.metadata
    return f"{facts['Name']} {facts['Version']}"
