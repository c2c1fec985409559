"""``derm train --folds``: which folds, and what they come to."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.printing import echo, echo_json, echo_table
from derm_cli.errors import DermError, RequestError, one_line
from derm_cli.evaluation import SYNTHETIC
from derm_cli.invocation import command_line

if TYPE_CHECKING:
    from derm_cli.evaluation.metrics.spread import Spread
    from derm_cli.studies.cross_validating.cross_validation import CrossValidation
    from derm_cli.studies.cross_validating.pooling import PooledEvaluation


def folds_asked_for(folds: int | None, fold: str | None) -> tuple[int, int]:
    """Return the number of folds and the one of them that is meant, 0 for none or all.

    Raises RequestError where --fold has not the form 2/5, or 2 beside --folds.
    """
    if fold is None:
        return folds or 0, 0
    match = re.fullmatch(r"(\d{1,9})(?:/(\d{1,9}))?", fold.strip())
    count = int(match[2]) if match and match[2] else folds
    if match is None or not count or (folds and folds != count):
        raise RequestError(f"--fold is '{fold}', but must be as in --fold 2/5, or as in --folds 5 --fold 2.")
    if not 1 <= int(match[1]) <= count:
        raise RequestError(f"--fold is '{fold}', but must be between 1 and {count}.")
    return count, int(match[1])


def show_folds(ctx: click.Context, result: CrossValidation, as_json: bool, with_ensemble: bool = False) -> None:
    """Print what the folds came to; ``with_ensemble``, make one run of them where all have finished.

    Raises DermError, with the command to go on, where some did not finish.
    """
    from derm_cli.studies.cross_validating.pooling import pool
    from derm_cli.workflows.runs.ensemble import ensemble_once

    pooled = pool(session(ctx), result)
    run = ensemble_once(session(ctx), list(result.finished.values())) if with_ensemble and not result.failure else None
    if as_json:
        more = {"pooled": pooled.to_json() if pooled else None, "ensemble": run.id if run else None}
        echo_json(result.to_json() | more)
    elif result.finished:
        _print(result)
        _print_pooled(pooled)
        if run:
            echo(f"\nRun {run.id} in {one_line(str(run.path))}, the mean of the {result.folds} models of the folds")
            echo(f"Next: {command_line(f'export {run.argument} --tflite')}")
        if result.study:
            echo(f"It is kept as study {result.study}: {command_line(f'study report {result.study}')}")
    if result.failure:
        failure = DermError(
            f"{len(result.finished)} of {result.folds} folds finished ({result.failure}): go on with "
            f"'{again(ctx)}', which takes what is finished as it is."
        )
        failure.exit_status = result.exit_status
        raise failure


def again(ctx: click.Context) -> str:
    """Return the command as it was given, with what variables such as ``DERM_TRAIN_EPOCHS`` gave."""
    words = ["derm", "train"]
    given = (click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.ENVIRONMENT)
    for parameter in ctx.command.params:
        name, value = str(parameter.name), ctx.params.get(str(parameter.name))
        if ctx.get_parameter_source(name) not in given:
            continue
        if isinstance(value, bool):
            words.append((parameter.opts if value else parameter.secondary_opts)[0])
        else:
            for each in value if isinstance(value, tuple) else (value,):
                words += [parameter.opts[0], str(each)]
    return shlex.join(words)


def _print(result: CrossValidation) -> None:
    from derm_cli.studies.cross_validating.cross_validation import CLASS_METRICS, OVERALL_METRICS

    rows: list[list[Any]] = []
    for fold, evaluation in result.evaluations.items():
        shares = [f"{100 * getattr(evaluation, name):.2f}" for name in OVERALL_METRICS.values()]
        rows.append([str(fold), result.finished[fold].id, str(evaluation.cases), *shares])
    spreads = result.spreads()
    rows.append(["mean ± sd", "", "", *(_percent(spreads.overall[name]) for name in OVERALL_METRICS.values())])
    echo_table(["fold", "run", "cases", *OVERALL_METRICS], rows, whole=("run",))
    per_class = [
        [label, *(_percent(figures[name]) for name in CLASS_METRICS.values())]
        for label, figures in spreads.per_class.items()
    ]
    echo("")
    echo_table(["class, mean ± sd", *CLASS_METRICS], per_class)
    echo(
        f"\nMeans over {len(result.finished)} of {result.folds} folds, with the sample standard deviation between "
        "folds."
    )
    if result.is_synthetic:
        echo(SYNTHETIC)


def _print_pooled(pooled: PooledEvaluation | None) -> None:
    """Print the judgement of all folds as one table, where all have finished."""
    if pooled is None:
        return
    from derm_cli.cli.shared.printing import print_summary

    echo("")
    print_summary(pooled.judgement, pooled.title, pooled.synthetic)
    echo(f"The pooled table, its evaluation and its page are in {one_line(str(pooled.path))}")


def _percent(figure: Spread) -> str:
    if figure.mean is None:
        return "–"
    return f"{100 * figure.mean:.2f}" + ("" if figure.sd is None else f" ± {100 * figure.sd:.2f}")
