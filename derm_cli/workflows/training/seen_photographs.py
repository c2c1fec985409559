"""What a run learns from and another is judged by: the one makes the other's figures say nothing of the first."""

from __future__ import annotations

import pandas as pd

from derm_cli.chain_names import RUN_PREFIX
from derm_cli.console import warn
from derm_cli.csv_cells import read_frame
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.errors import DermError, RequestError
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import Runs
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import Prepared
from derm_cli.workflows.training.weight_source import run_of_source

NAMED = 3
"""How many runs a warning names."""


def seen_contents(split: pd.DataFrame) -> set[str]:
    """Return the contents, SHA-256 by ``sha256``, that a run with this split.csv learns from or chooses by."""
    return set(split.loc[split["part"].isin([TRAIN, VALIDATION]), "sha256"])


def tested_contents(split: pd.DataFrame, target: str) -> set[str]:
    """Return the contents that a run with this split.csv and ``target`` is tested on."""
    return set(split.loc[(split["part"] == TEST) & (split["dataset"] == target), "sha256"])


def warn_of_tested_elsewhere(runs: Runs, split: pd.DataFrame) -> None:
    """Warn of earlier runs that are tested on photographs which a run with this ``split`` has seen.

    It is for a run that keeps nobody for a test: any other keeps what earlier ones are tested on.
    """
    seen = seen_contents(split)
    counts = {run.id: count for run in reversed(runs.all()) if (count := len(_tested(run) & seen))}
    if counts:
        named = ", ".join(f"{count} of run '{name}'" for name, count in list(counts.items())[:NAMED])
        more = f" and more of {len(counts) - NAMED} other runs" if len(counts) > NAMED else ""
        warn(
            f"this run learns from photographs that earlier runs are tested on: {named}{more}. It has seen them, so "
            "compare it with those runs on other photographs alone."
        )


def _tested(run: RunFolder) -> set[str]:
    """Return what a finished run is tested on; nothing where it cannot be read."""
    try:
        return tested_contents(_split(run), run.plan.target) if run.finished else set()
    except (DermError, KeyError):
        return set()


def refuse_seen_by_sources(session: Session, prepared: Prepared, split: pd.DataFrame) -> None:
    """Raise DermError where the run whose weights a training begins with has seen what that is to be tested on.

    So it is with its teacher, and with those that these runs themselves began with.
    """
    tested = tested_contents(split, prepared.plan.target)
    for run, role in ((prepared.source_run, "whose weights the chain begins with"), (prepared.teacher, "the teacher")):
        _refuse_seen(session, run, role, split, tested)


def _refuse_seen(session: Session, source: RunFolder | None, role: str, split: pd.DataFrame, tested: set[str]) -> None:
    while source is not None and tested:
        seen = seen_contents(_split(source)) & tested
        if seen:
            case = str(split.loc[split["sha256"].isin(seen) & (split["part"] == TEST), "case_id"].iloc[0])
            raise DermError(
                f"Run '{source.id}', {role}, has learnt from {len(seen)} of the {len(tested)} photographs that this "
                f"run would be tested on, such as '{case}': take a run of the same split, or none, or keep nobody for "
                "a test with --test-share 0."
            )
        source = _source_of(session, source)


def _source_of(session: Session, run: RunFolder) -> RunFolder | None:
    """Return the run that ``run`` began with, None where it began with none or that is gone."""
    weights = run.plan.weights or ""
    try:
        return run_of_source(session, weights, run) if weights.startswith(RUN_PREFIX) else None
    except RequestError:
        return None


def _split(run: RunFolder) -> pd.DataFrame:
    return read_frame(run.sealed(layout.SPLIT))
