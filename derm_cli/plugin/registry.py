"""The plugins of this environment: found by entry point, kept apart from one another's faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, cast

import pluggy

from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.plugin import hookspecs
from derm_cli.plugin.marker import PROJECT

if TYPE_CHECKING:
    import click

    from derm_cli.plugin.specs import BackboneSpec, DatasetSpec, ExporterSpec, ScheduleSpec, Spec, StrategySpec

GROUP = "derm"


@dataclass(frozen=True)
class Problem:
    """A plugin's fault, and what it says."""

    plugin: str
    message: str

    def __str__(self) -> str:
        return f"Plugin '{self.plugin}': {self.message}"


@dataclass(frozen=True)
class LoadedPlugin:
    """A plugin that is in use: its name, and the entry point that brought it."""

    name: str
    point: metadata.EntryPoint

    @property
    def module(self) -> str:
        """The module that the entry point names."""
        return self.point.value

    @property
    def distribution(self) -> str:
        """The distribution that ships the plugin, and its version."""
        return _label(self.point.dist) if self.point.dist else "?"


@dataclass
class SpecTable:
    """The specs of one kind by name, the plugin that each came from, and the names that two plugins claim."""

    specs: dict[str, Any] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    claimed: dict[str, list[str]] = field(default_factory=dict)


class Registry:
    """Every plugin that an entry point of the group ``derm`` names, loaded at the first need.

    ``only`` admits no other names, ``disabled`` refuses names.  A plugin that fails is left out and told of in
    :attr:`problems`; it never ends a command that did not need it.
    """

    def __init__(self, only: Sequence[str] | None = None, disabled: Sequence[str] = ()) -> None:
        self.manager = pluggy.PluginManager(PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self.problems: list[Problem] = []
        self.plugins: list[LoadedPlugin] = []
        self._tables: dict[str, SpecTable] = {}
        self._load(only, disabled)

    def _load(self, only: Sequence[str] | None, disabled: Sequence[str]) -> None:
        points = sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)
        known = {point.name for point in points}
        for wanted in [*(only or ()), *disabled]:
            if wanted not in known:
                self._fault(wanted, "it is not installed." + did_you_mean(wanted, known))
        for point in points:
            if (only is not None and point.name not in only) or point.name in disabled:
                continue
            if self.manager.has_plugin(point.name):
                self._fault(
                    point.name, f"two distributions give this name; '{point.value}' is left out. Uninstall one."
                )
                continue
            try:
                module = point.load()
                self.manager.register(module, name=point.name)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._unregister(point.name)
                self._fault(point.name, f"it cannot be used ({_said(error)}).")
                continue
            self._refuse_unknown_hooks(point.name, module)
            self.plugins.append(LoadedPlugin(point.name, point))

    def _unregister(self, name: str) -> None:
        if self.manager.has_plugin(name):
            self.manager.unregister(name=name)

    def _refuse_unknown_hooks(self, name: str, module: object) -> None:
        specified = {each for each in vars(hookspecs) if each.startswith(f"{PROJECT}_")}
        for caller in self.manager.get_hookcallers(module) or ():
            if not caller.has_spec():
                self._fault(name, f"there is no hook '{caller.name}'." + did_you_mean(caller.name, specified))
        for attribute in vars(module):
            unmarked = getattr(getattr(module, attribute), f"{PROJECT}_impl", None) is None
            if attribute in specified and unmarked:
                self._fault(name, f"the function '{attribute}' lacks the marker @hookimpl and is never called.")

    def _fault(self, plugin: str, message: str) -> None:
        self.problems.append(Problem(plugin, message))

    def _table(self, plural: str) -> SpecTable:
        from derm_cli.plugin.specs import KINDS

        if plural not in self._tables:
            table = self._tables[plural] = SpecTable()
            for implementation in getattr(self.manager.hook, f"{PROJECT}_{plural}").get_hookimpls():
                self._collect(table, KINDS[plural], implementation.plugin_name, implementation.function)
        return self._tables[plural]

    def _collect(self, table: SpecTable, kind: type[Spec], plugin: str, hook: Callable[[], Any]) -> None:
        try:
            specs = list(hook())
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._fault(plugin, f"{hook.__name__} fails ({_said(error)}).")
            return
        for spec in specs:
            if not isinstance(spec, kind):
                self._fault(plugin, f"{hook.__name__} gives {spec!r}, which is no {kind.__name__}.")
            elif spec.name in table.owners:
                first = table.owners[spec.name]
                claims = table.claimed.setdefault(spec.name, [first])
                claims.append(plugin)
                table.specs.pop(spec.name, None)
                self._fault(
                    plugin, f"the {kind.kind} name '{spec.name}' is taken by plugin '{first}'; neither is used."
                )
            else:
                table.specs[spec.name] = spec
                table.owners[spec.name] = plugin

    def _find(self, plural: str, name: str) -> Any:
        from derm_cli.plugin.specs import KINDS

        kind, table = KINDS[plural], self._table(plural)
        if name in table.specs:
            return table.specs[name]
        if name in table.claimed:
            owners = "' and '".join(table.claimed[name])
            raise RequestError(
                f"The {kind.kind} name '{name}' is claimed by the plugins '{owners}': "
                "disable one of them with DERM_DISABLED_PLUGINS."
            )
        broken = ""
        if self.problems:
            names = "', '".join(sorted({problem.plugin for problem in self.problems}))
            broken = f" Not in order: '{names}' (see 'derm plugins list')."
        raise RequestError(f"There is no {kind.kind} '{name}'.{did_you_mean(name, table.specs)}{broken}")

    @property
    def datasets(self) -> dict[str, DatasetSpec]:
        """The datasets by name."""
        return self._table("datasets").specs

    def dataset(self, name: str) -> DatasetSpec:
        """Return the dataset ``name``.  Raises RequestError, with the nearest names."""
        return cast("DatasetSpec", self._find("datasets", name))

    @property
    def backbones(self) -> dict[str, BackboneSpec]:
        """The backbones by name."""
        return self._table("backbones").specs

    def backbone(self, name: str) -> BackboneSpec:
        """Return the backbone ``name``.  Raises RequestError, with the nearest names."""
        return cast("BackboneSpec", self._find("backbones", name))

    @property
    def strategies(self) -> dict[str, StrategySpec]:
        """The strategies by name."""
        return self._table("strategies").specs

    def strategy(self, name: str) -> StrategySpec:
        """Return the strategy ``name``.  Raises RequestError, with the nearest names."""
        return cast("StrategySpec", self._find("strategies", name))

    @property
    def schedules(self) -> dict[str, ScheduleSpec]:
        """The schedules by name."""
        return self._table("schedules").specs

    def schedule(self, name: str) -> ScheduleSpec:
        """Return the schedule ``name``.  Raises RequestError, with the nearest names."""
        return cast("ScheduleSpec", self._find("schedules", name))

    @property
    def exporters(self) -> dict[str, ExporterSpec]:
        """The exporters by name."""
        return self._table("exporters").specs

    def exporter(self, name: str) -> ExporterSpec:
        """Return the exporter ``name``.  Raises RequestError, with the nearest names."""
        return cast("ExporterSpec", self._find("exporters", name))

    def owner(self, plural: str, name: str) -> str:
        """Return the name of the plugin that the spec ``name`` came from."""
        return self._table(plural).owners[name]

    def add_commands(self, cli: click.Group) -> None:
        """Let each plugin add its commands to ``cli``; a plugin that fails is told of and left out."""
        for implementation in self.manager.hook.derm_commands.get_hookimpls():
            try:
                implementation.function(cli)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._fault(implementation.plugin_name, f"derm_commands fails ({_said(error)}).")

    def tell(self, event: str, **facts: Any) -> None:
        """Fire the hook ``event`` of a run.  A plugin that fails is told of and not asked again: the run goes on."""
        for implementation in list(getattr(self.manager.hook, event).get_hookimpls()):
            try:
                implementation.function(**{name: facts[name] for name in implementation.argnames})
            except DermError:
                raise
            except Exception as error:
                from derm_cli.console import warn

                name = implementation.plugin_name
                self._fault(name, f"{event} fails ({_said(error)}); the run goes on without this plugin.")
                warn(str(self.problems[-1]))
                self._unregister(name)


@cache
def _label(distribution: metadata.Distribution) -> str:
    facts = distribution.metadata
    return f"{facts['Name']} {facts['Version']}"


def _said(error: BaseException) -> str:
    if isinstance(error, DermError):
        return str(error)
    return f"{type(error).__name__}: {error}".strip().replace("\n", " ")
