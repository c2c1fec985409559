"""Holds what a plugin's module answers beside specs to its contract: hooks of a run, of what is written; commands."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from derm_cli.errors import first_line
from derm_cli.plugin.declared import mismatch
from derm_cli.plugin.events import RunFacts
from derm_cli.plugin.marker import PROJECT
from derm_cli.plugin.predicted import PredictedPhotograph, PredictionSummary
from derm_cli.plugin.registry import ANSWERS
from derm_cli.plugin.testing.samples import sample_facts, sample_run

RUN_HOOKS = (
    *("derm_run_started", "derm_stage_started", "derm_epoch_ended", "derm_run_finished"),
    *("derm_exported", "derm_predicted"),
)


def has_run_hooks(module: object) -> bool:
    """Tell whether a plugin is told how a run goes on."""
    return any(_is_marked(module, name) for name in RUN_HOOKS)


def check_tracker(module: ModuleType) -> None:
    """Tell the hooks of a plugin's module of a short run, as derm does, in a folder that is removed again.

    Raises AssertionError where a hook fails, or takes the folder of the run away.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "runs" / "20260101-000000-abcd"
        folder.mkdir(parents=True)
        run, stage, epochs, evaluation = sample_run(folder)
        told: list[tuple[str, dict[str, Any]]] = [
            ("derm_run_started", {"run": run}),
            ("derm_stage_started", {"run": run, "stage": stage}),
            # How long a run will yet take is not known at first.
            *(
                ("derm_epoch_ended", {"run": run, "epoch": epoch, "seconds_left": 60.0 if number else None})
                for number, epoch in enumerate(epochs)
            ),
            ("derm_run_finished", {"run": run, "evaluation": evaluation}),
            # A run whose stages are all in the store has no epoch, and one without a test part no metric.
            ("derm_run_started", {"run": run}),
            ("derm_run_finished", {"run": run, "evaluation": {"cases": 0, "per_class": {}}}),
            *_written(folder, run),
        ]
        for name, facts in told:
            _tell(module, name, facts)
            assert folder.is_dir(), f"{name} takes the run's folder away"


def _written(folder: Path, run: RunFacts) -> list[tuple[str, dict[str, Any]]]:
    """Return what is told of an artefact in the run's folder, and of two photographs, one of which is not read."""
    artefact, facts = folder / "artefacts" / "model.onnx", sample_facts()
    artefact.parent.mkdir()
    artefact.write_bytes(b"model")
    names = [each.name for each in facts.classes]
    photographs = (
        PredictedPhotograph(
            file="one.jpg", prediction=names[0], probabilities=dict(zip(names, (0.5, 0.25, 0.25), strict=True))
        ),
        PredictedPhotograph(file="two.jpg", prediction=None, probabilities=None, reason="not an image"),
    )
    summary = PredictionSummary(model=run.id, facts=facts, answered=1, unread=1, files=(Path("answers.csv"),))
    return [
        ("derm_exported", {"run": run, "exporter": "onnx", "path": artefact, "facts": facts}),
        ("derm_predicted", {"summary": summary, "photographs": photographs}),
        ("derm_predicted", {"summary": replace(summary, answered=0, unread=0, files=()), "photographs": ()}),
    ]


def _tell(module: ModuleType, name: str, facts: dict[str, Any]) -> None:
    if not _is_marked(module, name):
        return
    import inspect

    hook = getattr(module, name)
    wanted = inspect.signature(hook).parameters.keys() & facts.keys()
    try:
        answer = hook(**{each: facts[each] for each in wanted})
    except Exception as error:
        raise AssertionError(
            f"{name} fails ({type(error).__name__}: {first_line(error)}), and would not be asked again in the run"
        ) from error
    declared = ANSWERS.get(name, "")
    wrong = mismatch(answer, declared) if declared else ""
    assert not wrong, f"{name} gives {wrong}, but must give {declared}, and would not be asked again in the run"


def has_commands(module: object) -> bool:
    """Tell whether a plugin adds commands."""
    return _is_marked(module, "derm_commands")


def check_commands(module: ModuleType, taken: Collection[str] = ()) -> None:
    """Let a plugin's module add its commands to an empty group, and ask each for its help.

    Raises AssertionError where it adds none, one of ``taken`` (derm's own), or one without a help text.
    """
    import click
    from click.testing import CliRunner

    group = click.Group(PROJECT)
    module.derm_commands(group)
    assert group.commands, "derm_commands adds no command: call cli.add_command"
    for name, command in group.commands.items():
        assert name not in taken, f"the command '{name}' is one of derm's own and would never be reached: name it anew"
        assert command.help, f"the command '{name}' has no help text, which 'derm --help' shows: give it a docstring"
        outcome = CliRunner().invoke(group, [name, "--help"])
        assert outcome.exit_code == 0, f"'{name} --help' fails ({first_line(outcome.exception or outcome.output)})"


def _is_marked(module: object, name: str) -> bool:
    return hasattr(getattr(module, name, None), f"{PROJECT}_impl")
