"""All checks of one plugin, as a list: for ``derm plugins check`` and for pytest."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.errors import DermError, RequestError, did_you_mean, first_line
from derm_cli.plugin.calling import PluginFault
from derm_cli.plugin.component_specs import ComponentSpec, RecipeSpec
from derm_cli.plugin.contracts.class_diagnoses import diagnosis_fault
from derm_cli.plugin.executor_specs import ExecutorSpec
from derm_cli.plugin.judging_specs import MetricSpec
from derm_cli.plugin.packager_specs import PackagerSpec
from derm_cli.plugin.preprocessing_specs import PreprocessingStepSpec
from derm_cli.plugin.report_specs import ReportSectionSpec
from derm_cli.plugin.specs import BackboneSpec, DatasetSpec, ExporterSpec, ScheduleSpec, StrategySpec
from derm_cli.plugin.testing.backbones import check_backbone
from derm_cli.plugin.testing.component_kinds import check_component
from derm_cli.plugin.testing.datasets import check_dataset
from derm_cli.plugin.testing.executors import check_executor
from derm_cli.plugin.testing.exporters import Reader, check_exporter, check_packager
from derm_cli.plugin.testing.hooks import check_commands, check_tracker, has_commands, has_run_hooks
from derm_cli.plugin.testing.judging import check_metric, check_report_section
from derm_cli.plugin.testing.planners import check_recipe, check_schedule, check_strategy
from derm_cli.plugin.testing.preprocessing_steps import check_preprocessing_step

if TYPE_CHECKING:
    from derm_cli.plugin.registry import Registry
    from derm_cli.plugin.spec import Spec

HEAVY = ("jax", "keras", "pandas", "tensorflow", "torch")
"""What a plugin's module must not import, for derm imports it whenever it starts."""
REFUSE = "Raise DermError with the path and the layout."
DERM = Path(__file__).parents[2]
"""Derm's own package."""
FolderOf = Callable[[DatasetSpec], Path | None]


@dataclass(frozen=True)
class Outcome:
    """What came of a check: a sentence on the fault, and on what could not be looked at; '' where there is none."""

    fault: str = ""
    note: str = ""


@dataclass(frozen=True)
class Check:
    """One check of a plugin: what it is of, as in ``dataset 'my-clinic'``, and what is held to its contract.

    ``run`` raises AssertionError with a sentence that names the fault and says what to do; it returns what could not be
    looked at, '' where all was.
    """

    subject: str
    title: str
    run: Callable[[], str] = field(compare=False)

    def __str__(self) -> str:
        return f"{self.subject}: {self.title}"

    def outcome(self) -> Outcome:
        """Run the check; whatever the plugin raises is a fault."""
        try:
            return Outcome(note=self.run())
        except AssertionError as fault:
            return Outcome(fault=str(fault))
        except PluginFault as fault:
            return Outcome(fault=fault.message)
        except DermError as refusal:
            return Outcome(fault=f"it is refused: {refusal}")
        except Exception as error:
            return Outcome(fault=f"it raises {type(error).__name__}{_place(error)}: {first_line(error)}")


def plugin_checks(
    registry: Registry,
    name: str,
    folder_of: FolderOf | None = None,
    commands: Collection[str] = (),
    read: Reader | None = None,
) -> list[Check]:
    """Return the checks of the plugin ``name``: of its module, each spec that it adds, and each hook of a run.

    ``folder_of`` gives a small good copy of a dataset, None where there is none; ``commands`` are derm's own;
    ``read`` reads photographs as runs do, without which no packager is looked at.  Raises RequestError where there is
    no such plugin.
    """
    # Each kind is asked for, so that the registry has found what is wrong.
    specs = {kind: registry.all(kind) for kind in registry.kinds.values()}
    problems = [each.message for each in registry.problems if each.plugin == name]
    loaded = {each.name: each for each in registry.plugins}
    if name not in loaded and not problems:
        raise RequestError(f"There is no plugin '{name}'.{did_you_mean(name, loaded)}")
    subject = f"plugin '{name}'"
    checks = [Check(subject, "derm can use it", partial(_fail, each)) for each in problems]
    if name not in loaded:
        return checks
    if not problems:
        checks.append(Check(subject, "derm can use it, its hooks and its specs' fields", lambda: ""))
    checks.append(Check(subject, "its import is light", partial(_check_import, loaded[name].point)))
    for kind, by_name in specs.items():
        for spec in by_name.values():
            if registry.owner(kind, spec.name) == name:
                checks += _checks_of_spec(spec, registry, folder_of or (lambda _: None), read)
    module = registry.module(name)
    if has_run_hooks(module):
        checks.append(Check(subject, "its hooks of a run", _silent(check_tracker, module)))
    if has_commands(module):
        checks.append(Check(subject, "its commands", _silent(check_commands, module, commands)))
    return checks


def _checks_of_spec(spec: Spec, registry: Registry, folder_of: FolderOf, read: Reader | None) -> Iterator[Check]:
    subject = f"{spec.kind} '{spec.name}'"
    if isinstance(spec, DatasetSpec):
        yield Check(subject, "the diagnoses of its classes", partial(_check_classes, spec))
        yield Check(subject, "a folder that is not there is refused in words", partial(_check_missing_folder, spec))
        yield Check(subject, "its records", partial(_check_records, spec, folder_of))
    elif isinstance(spec, BackboneSpec):
        yield Check(subject, "its network, blocks, scaling and saving", _silent(check_backbone, spec))
    elif isinstance(spec, StrategySpec):
        yield Check(subject, "its stages", _silent(check_strategy, spec))
    elif isinstance(spec, ScheduleSpec):
        yield Check(subject, "its phases", _silent(check_schedule, spec))
    elif isinstance(spec, RecipeSpec):
        yield Check(subject, "its values", _silent(check_recipe, spec, registry))
    elif isinstance(spec, ComponentSpec):
        yield Check(subject, "what it builds", _silent(check_component, spec))
    elif isinstance(spec, ExporterSpec):
        yield Check(subject, "what it writes, loads and answers", _silent(check_exporter, spec))
    elif isinstance(spec, PreprocessingStepSpec):
        yield Check(subject, "what it makes of photographs", _silent(check_preprocessing_step, spec))
    elif isinstance(spec, ExecutorSpec):
        yield Check(subject, "how processes begin, end and stop", _silent(check_executor, spec))
    elif isinstance(spec, MetricSpec):
        yield Check(subject, "what it computes", _silent(check_metric, spec))
    elif isinstance(spec, ReportSectionSpec):
        yield Check(subject, "what it shows", _silent(check_report_section, spec))
    elif isinstance(spec, PackagerSpec):
        yield Check(subject, "what it packs and verifies", partial(_check_packager, spec, registry, read))


def _silent(check: Callable[..., object], *values: Any) -> Callable[[], str]:
    """Return a check that returns nothing to be said."""

    def run() -> str:
        check(*values)
        return ""

    return run


def _fail(message: str) -> str:
    raise AssertionError(message)


def _check_import(point: Any) -> str:
    """Import a plugin's module in a process of its own, and look at what came with it."""
    path = getattr(point, "path", None)
    load = f"import runpy; runpy.run_path({str(path)!r})" if path else f"import {point.value.partition(':')[0]}"
    program = f"import sys; {load}; print(*sorted(set({HEAVY!r}) & set(sys.modules)), sep=', ')"
    surroundings = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"]
    done = subprocess.run(surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"it cannot be imported by itself ({first_line(done.stderr)})"
    heavy = done.stdout.splitlines()[-1] if done.stdout.strip() else ""
    assert not heavy, (
        f"its module imports {heavy}, and derm imports it whenever it starts: import that inside the functions that "
        "need it"
    )
    return ""


def _check_classes(spec: DatasetSpec) -> str:
    fault = diagnosis_fault(spec.classes)
    assert not fault, fault
    return ""


def _check_missing_folder(spec: DatasetSpec) -> str:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "nothing"
        try:
            spec.records(folder)
        except PluginFault as fault:
            raise AssertionError(f"for a folder that is not there {fault.message} {REFUSE}") from fault
        except DermError:
            return ""
        except Exception as error:
            raise AssertionError(
                f"for a folder that is not there it raises {type(error).__name__}{_place(error)}. {REFUSE}"
            ) from error
    raise AssertionError(
        "for a folder that is not there it gives records: raise DermError with the path and the layout"
    )


def _check_records(spec: DatasetSpec, folder_of: FolderOf) -> str:
    folder = folder_of(spec)
    if folder is not None:
        check_dataset(spec, folder)
        return ""
    if spec.make is None:
        return "no folder of it is here"
    with tempfile.TemporaryDirectory() as place:
        spec.make(Path(place))
        check_dataset(spec, Path(place))
    return ""


def _check_packager(spec: PackagerSpec, registry: Registry, read: Reader | None) -> str:
    assert spec.name not in registry.all(ExporterSpec), (
        f"'{spec.name}' is an exporter's name too, and both are options of derm export: name it anew"
    )
    if read is None:
        return "'derm plugins check' reads photographs for it"
    check_packager(spec, registry, read)
    return ""


def _place(error: BaseException) -> str:
    """Return the last line of the plugin's own files that led to an error, as the end of a sentence."""
    steps = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    own = [step for step in steps if not step[0].is_relative_to(DERM)]
    within = [step for step in own if step[0].is_relative_to(own[0][0].parent)]
    return f" in '{within[-1][0]}', line {within[-1][1]}" if within else ""
