"""The registry of plugins: finds their specs by kind and name, adds their commands, and tells them of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pluggy

from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.plugin import hookspecs
from derm_cli.plugin.loading import LoadedPlugin, Problem, error_text, load_plugins, unregister
from derm_cli.plugin.marker import PROJECT

if TYPE_CHECKING:
    import click

    from derm_cli.plugin.project import ProjectPlugin
    from derm_cli.plugin.spec import Spec

S = TypeVar("S", bound="Spec")


@dataclass
class SpecTable(Generic[S]):
    """The specs of one kind by name, the plugin that each came from, and the names that several plugins claim."""

    specs: dict[str, S] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    claims: dict[str, list[str]] = field(default_factory=dict)


class Registry:
    """Every plugin that an entry point of the group ``derm`` names, and the specs that the plugins add.

    ``only`` admits no other names, ``disabled`` refuses names; ``project`` is the plugin of a project's own file.  A
    plugin that fails is left out and told of in :attr:`problems`; it never ends a command that did not need it.
    Plugins are asked for the specs of a kind when one is first looked up.
    """

    def __init__(
        self, only: Sequence[str] | None = None, disabled: Sequence[str] = (), project: ProjectPlugin | None = None
    ) -> None:
        self.manager = pluggy.PluginManager(PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self.plugins: list[LoadedPlugin]
        self.problems: list[Problem]
        self.plugins, self.problems = load_plugins(self.manager, only, disabled, project)
        self._tables: dict[type[Spec], SpecTable[Any]] = {}

    @property
    def kinds(self) -> dict[str, type[Spec]]:
        """The kinds of specs by their plurals ('datasets', …): each class of specs whose hook derm has."""
        from derm_cli.plugin.specs import spec_kinds

        return {
            kind.hook.removeprefix(f"{PROJECT}_"): kind
            for kind in spec_kinds()
            if hasattr(self.manager.hook, kind.hook)
        }

    def all(self, kind: type[S]) -> dict[str, S]:
        """Return the specs of a kind by name, as in ``registry.all(DatasetSpec)``."""
        return self._table(kind).specs

    def get(self, kind: type[S], name: str, others: Iterable[str] = ()) -> S:
        """Return the spec ``name`` of a kind.  Raises RequestError, with the nearest names, of ``others`` too."""
        table = self._table(kind)
        if name in table.specs:
            return table.specs[name]
        if name in table.claims:
            owners = "' and '".join(table.claims[name])
            raise RequestError(
                f"The {kind.kind} name '{name}' is claimed by the plugins '{owners}': "
                "disable one of them with DERM_DISABLED_PLUGINS."
            )
        broken = ""
        if self.problems:
            names = "', '".join(sorted({problem.plugin for problem in self.problems}))
            broken = f" Not in order: '{names}' (see 'derm plugins list')."
        raise RequestError(f"There is no {kind.kind} '{name}'.{did_you_mean(name, {*table.specs, *others})}{broken}")

    def owner(self, kind: type[Spec], name: str) -> str:
        """Return the name of the plugin that the spec ``name`` of a kind came from."""
        return self._table(kind).owners[name]

    def module(self, name: str) -> Any:
        """Return the module of the plugin ``name``, which is in use."""
        return self.manager.get_plugin(name)

    def add_commands(self, cli: click.Group) -> None:
        """Let each plugin add its commands to ``cli``; a plugin that fails is told of and left out."""
        for implementation in self.manager.hook.derm_commands.get_hookimpls():
            try:
                implementation.function(cli)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._report(implementation.plugin_name, f"derm_commands fails ({error_text(error)}).")

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
                self._report(name, f"{event} fails ({error_text(error)}); the run goes on without this plugin.")
                warn(str(self.problems[-1]))
                unregister(self.manager, name)

    def _table(self, kind: type[S]) -> SpecTable[S]:
        table: SpecTable[S] | None = self._tables.get(kind)
        if table is None:
            table = self._tables[kind] = SpecTable()
            own = {plugin.name for plugin in self.plugins if plugin.is_own}
            # Derm's own come first: nobody takes from them what a run's files are read by.
            for implementation in sorted(
                getattr(self.manager.hook, kind.hook).get_hookimpls(), key=lambda each: each.plugin_name not in own
            ):
                self._collect(table, kind, implementation.plugin_name, implementation.function)
        return table

    def _collect(self, table: SpecTable[S], kind: type[S], plugin: str, hook: Callable[[], Any]) -> None:
        """Add to ``table`` the specs that a plugin's ``hook`` returns."""
        try:
            specs = list(hook())
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._report(plugin, f"{hook.__name__} fails ({error_text(error)}).")
            return
        for spec in specs:
            if not isinstance(spec, kind):
                self._report(plugin, f"{hook.__name__} gives {spec!r}, which is no {kind.__name__}.")
            elif spec.name in table.owners:
                first = table.owners[spec.name]
                table.claims.setdefault(spec.name, [first]).append(plugin)
                table.specs.pop(spec.name, None)
                self._report(
                    plugin, f"the {kind.kind} name '{spec.name}' is taken by plugin '{first}'; neither is used."
                )
            elif shared := _shared_field(spec, table.specs.values()):
                word, other = shared
                self._report(
                    plugin,
                    f"the {kind.kind} '{spec.name}' has the {word} '{getattr(spec, word)}' of '{other.name}' of "
                    f"plugin '{table.owners[other.name]}'; it is not used.",
                )
            else:
                table.specs[spec.name] = spec
                table.owners[spec.name] = plugin

    def _report(self, plugin: str, message: str) -> None:
        self.problems.append(Problem(plugin, message))


def _shared_field(spec: Spec, others: Iterable[S]) -> tuple[str, S] | None:
    """Return the field that ``spec`` may not share with others but does, and with which; None where there is none."""
    for name in spec.unshared:
        value = getattr(spec, name).casefold()
        for other in others:
            if getattr(other, name).casefold() == value:
                return name, other
    return None
