"""The registry of plugins: finds their specs by kind and name, adds their commands, and tells them of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pluggy

from derm_cli.errors import DermError, Interrupted, RequestError, did_you_mean
from derm_cli.plugin import commands, hookspecs
from derm_cli.plugin.calling import (
    HOOK,
    Origin,
    PluginFault,
    call,
    error_text,
    fault_in,
    guarded,
    is_of_the_machine,
)
from derm_cli.plugin.loading import DISTRIBUTION, LoadedPlugin, Problem, load_plugins, unregister
from derm_cli.plugin.marker import PROJECT

if TYPE_CHECKING:
    import click

    from derm_cli.plugin.project import ProjectPlugin
    from derm_cli.plugin.spec import Spec

S = TypeVar("S", bound="Spec")
AFTERWARDS = ("derm_exported", "derm_predicted")
"""The hooks that tell of what is written already, and not of a run that goes on."""
ANSWERS = {"derm_epoch_ended": "StopRequest | None"}
"""The hooks of a run that may answer, and what; what any other returns is nobody's concern."""


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
        self._origins = {plugin.name: plugin.origin for plugin in self.plugins}
        self._tables: dict[type[Spec], SpecTable[Any]] = {}
        self._warned: set[tuple[str, str]] = set()

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

    def add_commands(self, cli: click.Group, built_in: Collection[str] = ()) -> None:
        """Let each plugin add its commands to ``cli``; what is wrong with one is told of, and left out.

        ``built_in`` are the names of derm's own commands, which no plugin takes.
        """
        for fault in commands.add_commands(cli, self._hooks(commands.HOOK), built_in):
            self._report(fault.origin, fault.message)

    def fault_in(self, error: BaseException) -> PluginFault | None:
        """Return the fault of a plugin that an unexpected error is, None where it is none's."""
        return fault_in(error, iter(self._origins.values()))

    def listen(self, name: str, listener: object) -> None:
        """Tell ``listener``, whose methods are hooks of a run, of what happens in this process: derm's own ears."""
        self.manager.register(listener, name=name)
        self._origins[name] = Origin(name, shipped_by=DISTRIBUTION, is_own=True)

    @contextmanager
    def listening(self, name: str, listener: object) -> Iterator[None]:
        """Tell ``listener`` in a ``with`` block, as :meth:`listen` does."""
        self.listen(name, listener)
        try:
            yield
        finally:
            self.manager.unregister(name=name)

    def tell(self, event: str, **facts: Any) -> dict[str, Any]:
        """Fire the hook ``event`` of a run, and return what plugins answer, by their names, but for None.

        Whatever a plugin raises is told of, and the run goes on; so is an answer of another type than the hook takes.
        One that raises a DermError, for something that its user can mend, is told of once for each hook and asked
        again; one that fails otherwise is not.
        """
        answers: dict[str, Any] = {}
        goes_on = "what was written stays" if event in AFTERWARDS else "the run goes on"
        for implementation in list(getattr(self.manager.hook, event).get_hookimpls()):
            name, function = implementation.plugin_name, implementation.function
            origin = replace(self._origins[name], what=event)
            told = {each: facts[each] for each in implementation.argnames}
            try:
                answer = call(origin, function, (), told, ANSWERS.get(event, ""), role=HOOK, is_quiet=False)
            except (Interrupted, MemoryError):
                raise
            except Exception as error:
                if isinstance(error, DermError) and not isinstance(error, PluginFault):
                    if (name, event) not in self._warned:
                        self._warned.add((name, event))
                        self._report(origin, f"{event} says: {error} {goes_on.capitalize()}.", is_told=True)
                    continue
                fault = error if isinstance(error, PluginFault) else origin.failed(function, error)
                without = ", and it is told of no more" if event in AFTERWARDS else " without this plugin"
                # A full disk is nobody's fault.
                said = f"{event} fails ({error_text(error)})" if is_of_the_machine(error) else fault.message.rstrip(".")
                self._report(origin, f"{said}; {goes_on}{without}.", is_told=True)
                unregister(self.manager, name)
                continue
            if event in ANSWERS and answer is not None:
                answers[name] = answer
        return answers

    def listens(self, event: str) -> bool:
        """Tell whether any plugin is told of ``event``."""
        return bool(getattr(self.manager.hook, event).get_hookimpls())

    def _hooks(self, hook: str) -> list[tuple[Origin, Callable[..., Any]]]:
        """Return the functions of a hook, and whose each is.

        Derm's own come first: nobody takes from them what a run's files are read by.
        """
        found = [
            (self._origins[each.plugin_name], each.function)
            for each in getattr(self.manager.hook, hook).get_hookimpls()
        ]
        return sorted(found, key=lambda each: not each[0].is_own)

    def _table(self, kind: type[S]) -> SpecTable[S]:
        table: SpecTable[S] | None = self._tables.get(kind)
        if table is None:
            rivals = [each for each in self.kinds.values() if each is not kind and each.namespace == kind.namespace]
            # In their order, so that of two plugins the same one is refused whatever is looked up first.
            kinds: list[type[Spec]] = [kind]
            if kind.namespace:
                kinds = sorted([kind, *rivals], key=list(self.kinds.values()).index)
            self._tables |= {each: SpecTable() for each in kinds}
            asked = [(origin, each, hook) for each in kinds for origin, hook in self._hooks(each.hook)]
            for origin, each, hook in sorted(asked, key=lambda one: not one[0].is_own):
                self._collect(self._tables[each], each, replace(origin, what=each.hook), hook)
            table = self._tables[kind]
        return table

    def _rival(self, kind: type[Spec], name: str) -> str:
        """Return which spec of another kind has a name that ``kind`` must not share with it, and whose it is."""
        for other, table in self._tables.items():
            if other is not kind and kind.namespace and other.namespace == kind.namespace and name in table.owners:
                return f"the {other.kind} '{name}' of plugin '{table.owners[name]}'"
        return ""

    def _collect(self, table: SpecTable[S], kind: type[S], origin: Origin, hook: Callable[[], Any]) -> None:
        """Add to ``table`` the specs that a plugin's ``hook`` returns."""
        try:
            specs = list(call(origin, hook, role=HOOK))
        except MemoryError:
            raise
        except Exception as error:
            self._report(origin, (error if isinstance(error, PluginFault) else origin.failed(hook, error)).message)
            return
        for spec in specs:
            if not isinstance(spec, kind):
                self._report(origin, origin.wrong(hook, f"gives {spec!r}, which is no {kind.__name__}").message)
            elif spec.name in table.owners:
                self._refuse(table, kind, spec.name, origin)
            elif rival := self._rival(kind, spec.name):
                said = f"the {kind.kind} '{spec.name}' has the name of {rival}, and each is an option '--{spec.name}'"
                self._report(origin, f"{said}; it is not used.")
            elif shared := _shared_field(spec, table.specs.values()):
                word, other = shared
                self._report(
                    origin,
                    f"the {kind.kind} '{spec.name}' has the {word} '{getattr(spec, word)}' of '{other.name}' of "
                    f"plugin '{table.owners[other.name]}'; it is not used.",
                )
            else:
                table.specs[spec.name] = guarded(spec, origin)
                table.owners[spec.name] = origin.plugin

    def _refuse(self, table: SpecTable[S], kind: type[S], name: str, origin: Origin) -> None:
        """Refuse a spec of a name that is taken: by derm's own, which stays, or by another's, and then neither is used.

        A plugin that gives a name twice keeps its first.
        """
        first = table.owners[name]
        said = f"the {kind.kind} name '{name}' is taken by plugin '{first}'"
        if self._origins[first].is_own or first == origin.plugin:
            self._report(origin, f"{said}, whose spec stays; this one is refused.")
            return
        table.claims.setdefault(name, [first]).append(origin.plugin)
        table.specs.pop(name, None)
        self._report(origin, f"{said}; neither is used.")

    def _report(self, origin: Origin, message: str, is_told: bool = False) -> None:
        """Keep a problem for whoever lists them; one that ``is_told`` is warned of at once too."""
        self.problems.append(Problem(origin.plugin, message, origin.distribution))
        if is_told:
            from derm_cli.console import warn

            warn(str(self.problems[-1]))


def _shared_field(spec: Spec, others: Iterable[S]) -> tuple[str, S] | None:
    """Return the field that ``spec`` may not share with others but does, and with which; None where there is none."""
    for name in spec.unshared:
        value = getattr(spec, name).casefold()
        for other in others:
            if getattr(other, name).casefold() == value:
                return name, other
    return None
