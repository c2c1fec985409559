"""What the process of a call does, by the functions of the command of the same name, with keyword arguments for words.

Each takes the session, the folders of the call, its positional arguments, and ``options`` as they were given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.cli.shared.keywords import context_of, keyword_words, root_context
from derm_cli.cli.shared.output_files import outputs_checked
from derm_cli.console import warn
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.listening import telling
from derm_cli.workflows.session import Session

if TYPE_CHECKING:
    import click

    from derm_cli.studies.reporting.study_report import StudyReport
    from derm_cli.workflows.evaluating.evaluate import EvaluationResult
    from derm_cli.workflows.exporting.export import ExportedArtefact
    from derm_cli.workflows.exporting.packing import ExportedBundle

Folders = Mapping[str, str | None]
Options = Mapping[str, Any]
PRINTS = "derm prints nothing for Python; look at what the call returns"
ELSEWHERE: dict[str, dict[str, str]] = {
    "train": {
        "dry-run": "'derm train --dry-run' prints the plan",
        "folds": "several runs are a study, as in derm.study({'folds': 5, 'options': {…}}); one fold is fold='2/5'",
        "ensemble": "'derm train --folds 5 --ensemble' makes one",
        "open": "the run's page is its file report.html",
        "json": PRINTS,
    },
    "evaluate": {"all": PRINTS, "paper": PRINTS, "open": "report='page.html' writes the page", "json": PRINTS},
    "predict": {"json": PRINTS, "jsonl": PRINTS},
    "export": {"json": PRINTS},
    "study": {"json": PRINTS},
}
"""Options that a function does not take, by function: what to do instead."""


def train(session: Session, folders: Folders, *, options: Options) -> Path:
    """Train a run, and return its folder."""
    from derm_cli.cli.train import command
    from derm_cli.cli.train.asked_for import asked_of

    # fold=2, folds=5 is one run.
    hidden = {"folds"} if options.get("fold") is not None else set()
    hints = {name: what for name, what in ELSEWHERE["train"].items() if name not in hidden}
    ctx = _context(root_context(session, folders, "train"), command, options, [], hints)
    given = {name: value for name, value in ctx.params.items() if name not in ("dry_run", "opens", "as_json")}
    asked = asked_of(ctx, resume=given.pop("resume"), repeat=given.pop("repeat"), may_ask=False, options=given)
    if not (asked.resume or asked.repeat) and asked.request.splitting.is_cross_validation:
        raise RequestError(f"derm.train trains one run: {ELSEWHERE['train']['folds']}.")
    return asked.trained(session).path.absolute()


def evaluate(session: Session, folders: Folders, run: str | None, *, options: Options) -> EvaluationResult:
    """Evaluate, write the files that are asked for, and return the result."""
    from derm_cli.cli.evaluate import command, evaluated

    options = {"run" if name == "of_run" else name: value for name, value in options.items()}
    ctx = _context(root_context(session, folders, "evaluate"), command, options, [run] if run else [])
    with outputs_checked(ctx):
        return evaluated(session, ctx.params)


@dataclass(frozen=True)
class AnswerTable:
    """Answers as a table: its columns, and a row for each photograph."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


def predict(
    session: Session, folders: Folders, model: str | None, images: Sequence[str], *, options: Options
) -> AnswerTable:
    """Ask a model about photographs, and return the answers; who has none is warned of."""
    from derm_cli.cli.predict import answering, command
    from derm_cli.cli.shared.answers_out import answer_columns, answer_row, unread_sentence

    ctx = _context(root_context(session, folders, "predict"), command, options, [*([model] if model else []), *images])
    given = {name: value for name, value in ctx.params.items() if name not in ("as_json", "as_lines")}
    rows = []
    with outputs_checked(ctx), answering(ctx, **given) as asked:
        for answer in asked.answers:
            rows.append(tuple(answer_row(asked.facts, answer)))
            if answer.probabilities is None:
                warn(unread_sentence(answer))
        return AnswerTable(tuple(answer_columns(asked.facts)), tuple(rows))


def export(
    session: Session, folders: Folders, run: str | None, formats: Sequence[str], *, options: Options
) -> tuple[list[ExportedArtefact], list[ExportedBundle]]:
    """Write a run's model in each of the formats, and return what was written."""
    from derm_cli.cli.export import command, exported
    from derm_cli.plugin import ExporterSpec, PackagerSpec

    known = [*session.registry.all(ExporterSpec), *session.registry.all(PackagerSpec)]
    for each in formats:
        if each not in known:
            raise RequestError(f"There is no format '{each}'.{did_you_mean(each, known)}")
    options = {**options, **dict.fromkeys(formats, True)}
    ctx = _context(root_context(session, folders, "export"), command, options, [run] if run else [])
    own = ("run", "quantize", "float_input", "labels", "as_zip")
    flags = {name: value for name, value in ctx.params.items() if name not in (*own, "as_json")}
    _, artefacts, bundles = exported(ctx, **{name: ctx.params[name] for name in own}, flags=flags)
    return artefacts, bundles


def study(
    session: Session, folders: Folders, study: str | Mapping[str, Any], *, options: Options
) -> tuple[StudyReport, Path]:
    """Train what of a study is not finished, report on it, and return the report and the study's folder."""
    from derm_cli.cli.study.asked_for import (
        capacity_asked_for,
        executor_flags,
        executor_given,
        own_options,
        study_asked_for,
    )
    from derm_cli.cli.study.live import require_all
    from derm_cli.cli.study.run import command
    from derm_cli.studies.executing.watching import view_study
    from derm_cli.studies.reporting.study_report import report_study
    from derm_cli.studies.storage.folder import StudyFolder
    from derm_cli.studies.studying import begin, go_on

    ctx = _context(
        root_context(session, folders, "study"), command, options, ["" if isinstance(study, Mapping) else study]
    )
    given = {name: value for name, value in ctx.params.items() if name not in ("as_json", "study")}
    executor, workers, cores = (given.pop(name) for name in ("executor", "workers", "cores"))
    capacity = capacity_asked_for(ctx, executor, workers, cores, executor_flags(given))
    spec, read = study_asked_for(ctx, study, **given)
    folder = begin(session, spec, read, executor_given(ctx, executor), capacity)
    record = folder.record
    total = len(record.runs)
    advance, done = telling(f"Study {folder.name}", total), 0

    def tell(each: StudyFolder) -> None:
        nonlocal done
        finished = view_study(each, record, is_ours=True).counts.get("finished", 0)
        advance(finished - done)
        done = finished

    require_all(go_on(session, folder, tell, own_options(record.executor, executor, capacity)))
    return report_study(session, folder), folder.path.absolute()


def _context(
    root: click.Context,
    command: click.Command,
    options: Options,
    arguments: Sequence[str],
    elsewhere: Mapping[str, str] | None = None,
) -> click.Context:
    """Return the context of a command that was called with these options and arguments."""
    name = str(root.invoked_subcommand)
    hints = ELSEWHERE[name] if elsewhere is None else elsewhere
    words = keyword_words(f"derm.{name}", command, root, options, hints)
    return context_of(root, command, name, [*words, "--", *arguments])
