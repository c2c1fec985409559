"""The licences of all that a run's model comes from: datasets of its chain, of runs before it, and first weights."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derm_cli.chain_names import RUN_PREFIX
from derm_cli.data.locating import locate
from derm_cli.errors import DermError
from derm_cli.plugin import BackboneSpec, Licence
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.weight_source import run_of_source

_FORBIDS = re.compile(r"\bNC\b|non-?commercial|research|not to be passed on", re.IGNORECASE)
"""Words of licences that forbid commercial use, or allow another use alone."""


def is_non_commercial(licence: str) -> bool:
    """Tell whether the words of a licence forbid commercial use: of everything, or of parts that nobody told apart."""
    return _FORBIDS.search(licence) is not None


def licences_of_run(session: Session, run: RunFolder) -> tuple[tuple[Licence, ...], tuple[Licence, ...]]:
    """Return the licences of the datasets and of the weights that a run's model comes from, each once.

    Runs that it began with, learnt from or is an ensemble of are followed; of one that is not here a licence is
    returned that says so.
    """
    datasets: dict[str, Licence] = {}
    weights: dict[str, Licence] = {}
    for each in _with_ancestors(session, run, set()):
        if isinstance(each, str):
            title = f"all that run {each} was trained on"
            datasets[f"run {each}"] = Licence(name=f"run {each}", title=title, licence="not known: the run is not here")
            continue
        plan = each.plan
        for name in dict.fromkeys((*(name for stage in plan.stages for name in stage.datasets), *each.record.data)):
            datasets.setdefault(name, _of_dataset(session, name))
        if plan.weights and not plan.weights.startswith(RUN_PREFIX):
            found = _of_weights(session, plan.backbone, plan.weights)
            weights.setdefault(found.name, found)
    return tuple(datasets.values()), tuple(weights.values())


def _with_ancestors(session: Session, run: RunFolder, seen: set[str]) -> Iterator[RunFolder | str]:
    """Yield a run and all that its model comes from; the names of those that are not here."""
    if run.id in seen:
        return
    seen.add(run.id)
    yield run
    sources = [member.run for member in run.record.members]
    plan = run.plan
    sources += [plan.weights] if plan.weights and plan.weights.startswith(RUN_PREFIX) else []
    sources += [plan.teacher.run] if plan.teacher else []
    for source in sources:
        try:
            before = run_of_source(session, str(source), run)
            yield from _with_ancestors(session, before, seen)
        except DermError:
            yield str(source).removeprefix(RUN_PREFIX).rpartition("/")[2]


def _of_dataset(session: Session, name: str) -> Licence:
    try:
        spec = locate(name, session.settings, session.registry).spec
    except DermError:
        return Licence(name=name, licence="not known: its plugin is not here")
    return Licence(
        name=name,
        title=spec.title,
        licence=spec.licence,
        citation=spec.citation,
        homepage=spec.homepage,
        non_commercial=is_non_commercial(spec.licence),
    )


def _of_weights(session: Session, backbone: str, source: str) -> Licence:
    name = f"{backbone} from {source}"
    spec = session.registry.all(BackboneSpec).get(backbone)
    found = next((each for each in spec.weights if each.name == source), None) if spec else None
    if found is None:
        return Licence(name=name, licence="not known: its plugin is not here")
    return Licence(
        name=name,
        title=found.file,
        licence=found.licence,
        homepage=found.address,
        # In brackets stands what the weights were trained on, which is another's licence than that of the weights.
        non_commercial=is_non_commercial(found.licence.partition("(")[0]),
    )
