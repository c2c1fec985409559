"""Finished runs as one, whose model is the mean of theirs: ``derm runs ensemble``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from derm_cli import __version__
from derm_cli.csv_cells import read_frame, write_frame
from derm_cli.data.photographs import Photographs
from derm_cli.data.splitting import TEST, VALIDATION
from derm_cli.engine import backend
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.files import sha256_of, whole, write_text
from derm_cli.plugin import ArtefactFacts, ExporterSpec, Predictor, read_keras_model
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder, now
from derm_cli.runs.lease import lease_held
from derm_cli.runs.record import FINISHED, RUNNING, EnsembleMember, Process, RunRecord, SplitCounts
from derm_cli.workflows.evaluating.plugin_additions import with_plugins
from derm_cli.workflows.evaluating.run_evaluation import is_synthetic, record_evaluation
from derm_cli.workflows.evaluating.without_test import record_without_test
from derm_cli.workflows.predicting.predict import KERAS_EXPORTER, predictor_probabilities
from derm_cli.workflows.predicting.run_photographs import read_photographs_of_cases
from derm_cli.workflows.predicting.views import with_views
from derm_cli.workflows.runs.ensemble_members import Members, members_of
from derm_cli.workflows.session import Session

Member = tuple[str, str | None]
"""The id of a run, and the SHA-256 of its model, None where it has none."""


def ensemble(session: Session, runs: Sequence[RunFolder]) -> RunFolder:
    """Make a run whose model is one network, the mean of the probabilities of the models of ``runs``; return it.

    It is judged on the test photographs that all of them have.  Of the folds of one plan there are none, nor of runs
    that kept nobody for a test: then nobody was kept.  Raises DermError as
    :func:`derm_cli.workflows.runs.ensemble_members.members_of` does, where a file was changed, and where the models
    take different photographs.
    """
    members = members_of(runs)
    backend.start()
    model = _network(members)
    run = session.runs.new()
    try:
        with lease_held(run.path):
            _write_beginning(members, run)
            predictor = _write_model(session, members, model, run)
            _evaluate(session, members, predictor, run)
            run.require_own()
            run.seal_others(replace(run.record, status=FINISHED, ended=now()))
    except BaseException:
        # Nothing in it took long to make, and half an ensemble is of no use.
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    return run


def ensemble_once(session: Session, runs: Sequence[RunFolder]) -> RunFolder:
    """Return the ensemble of just these runs as they are now that there is, made where there is none."""
    return ensemble_of_same_members(session, runs) or ensemble(session, runs)


def ensemble_of_same_members(session: Session, runs: Sequence[RunFolder]) -> RunFolder | None:
    """Return the latest finished ensemble of just these runs as they are now, None where there is none."""
    found = ensembles_by_members(session.runs.all()).get(members_as_they_are(runs))
    return found[-1] if found else None


def ensembles_by_members(runs: Iterable[RunFolder]) -> dict[frozenset[Member], list[RunFolder]]:
    """Return the finished ensembles among ``runs``, in their order, by the members that they were made of."""
    found: dict[frozenset[Member], list[RunFolder]] = {}
    for run in runs:
        with suppress(DermError):
            record = run.record
            if record.members and run.finished:
                found.setdefault(frozenset((each.run, each.model) for each in record.members), []).append(run)
    return found


def members_as_they_are(runs: Iterable[RunFolder]) -> frozenset[Member]:
    """Return runs as members of an ensemble that was made of them now."""
    return frozenset((run.id, run.record.files.get(layout.MODEL)) for run in runs)


def _network(members: Members) -> Any:
    from derm_cli.engine.ensemble import ensemble_network

    models = [read_keras_model(run.sealed(layout.MODEL)) for run in members.runs]
    for run, model in zip(members.runs, models, strict=True):
        if model.input_shape != models[0].input_shape:
            raise DermError(
                f"Runs '{members.runs[0].id}' and '{run.id}' cannot be averaged, for their networks take different "
                f"photographs: '{models[0].input_shape}' and '{model.input_shape}'. Name runs of one --size."
            )
    return ensemble_network(models)


def _write_beginning(members: Members, run: RunFolder) -> None:
    """Write plan, split and what was dropped, then the record that makes the folder a run."""
    plan, first = members.plan, members.runs[0].record
    write_text(run / layout.PLAN, json.dumps(plan.to_json(), indent=2) + "\n")
    dropped = pd.concat([read_frame(each.sealed(layout.DROPPED)) for each in members.runs], ignore_index=True)
    for name, frame in ((layout.SPLIT, members.split), (layout.DROPPED, dropped.drop_duplicates())):
        with whole(run / name) as temporary:
            write_frame(frame, temporary)
    records = [each.record for each in members.runs]
    run.write(
        RunRecord(
            files={name: sha256_of(run / name) for name in (layout.PLAN, layout.SPLIT, layout.DROPPED)},
            status=RUNNING,
            process=Process.current(),
            started=now(),
            request={
                "backbone": members.backbone,
                **{name: first.request[name] for name in ("chain", "strategy", "schedule")},
                "ensemble": [each.id for each in members.runs],
            },
            plan=plan.fingerprint(),
            preprocessing=plan.preprocessing.fingerprint(),
            data={name: digest for record in records for name, digest in record.data.items()},
            splits=_counts(members.split),
            synthetic=any(map(is_synthetic, members.runs)),
            environment=backend.versions(),
            members=tuple(EnsembleMember(each.id, each.record.files[layout.MODEL]) for each in members.runs),
        )
    )


def _counts(split: pd.DataFrame) -> dict[str, SplitCounts]:
    return {
        str(name): SplitCounts(
            source=next(iter(filter(None, rows.get("source", pd.Series(dtype=str)))), ""),
            **{part: int((rows["part"] == part).sum()) for part in ("train", VALIDATION, TEST)},
        )
        for name, rows in split.groupby("dataset", sort=False)
    }


def _write_model(session: Session, members: Members, model: Any, run: RunFolder) -> Predictor:
    exporter, plan = session.registry.get(ExporterSpec, KERAS_EXPORTER), members.plan
    facts = ArtefactFacts(
        run=run.id,
        classes=plan.classes,
        preprocessing=plan.preprocessing,
        backbone=members.backbone,
        target=plan.target,
        made=any(map(is_synthetic, members.runs)),
        derm=__version__,
        views=plan.views,
    )
    exporter.export(model, facts, run / layout.MODEL)
    return with_views(exporter.load(run / layout.MODEL), session.registry)


def _evaluate(session: Session, members: Members, predictor: Predictor, run: RunFolder) -> None:
    validation = _answers(session, members, predictor, run, VALIDATION)
    test = _answers(session, members, predictor, run, TEST) if members.plan.keeps_test_part else None
    options = with_plugins(session.registry)
    if test is None:
        record_without_test(run, validation, run.record.synthetic, options)
    else:
        record_evaluation(run, test, validation, run.record.synthetic, options=options)


def _answers(session: Session, members: Members, predictor: Predictor, run: RunFolder, part: str) -> Predictions | None:
    """Return what the ensemble answers to a part of its target, None where that is empty."""
    cases = members.split[(members.split["dataset"] == members.plan.target) & (members.split["part"] == part)]
    if not len(cases):
        return None
    pixels = read_photographs_of_cases(session, run, cases, "The ensemble cannot be judged")
    photographs = Photographs(((pixels, np.arange(len(cases))),))
    answers = predictor_probabilities(predictor, photographs, f"Predicting {members.plan.target}")
    table = _rows_of(members, cases["case_id"].tolist())
    labels = np.array(table.classes)[answers.argmax(axis=1)]
    return replace(table, predictions=labels, probabilities=answers.astype(np.float64))


def _rows_of(members: Members, case_ids: list[str]) -> Predictions:
    """Return the rows of ``case_ids`` from the members' tables, with the label and the metadata of each case."""
    classes = tuple(each.name for each in members.plan.classes)
    rows: dict[str, tuple[Predictions, int]] = {}
    for run in members.runs:
        for name in (layout.PREDICTIONS, layout.VALIDATION):
            if run.has_sealed(name):
                table = read_predictions(run.sealed(name), classes)
                rows |= {case: (table, row) for row, case in enumerate(table.case_ids) if case not in rows}
    found = [rows[case] for case in case_ids]
    columns = dict.fromkeys(name for table, _ in found for name in table.metadata)
    return Predictions(
        classes=classes,
        case_ids=tuple(case_ids),
        labels=np.array([table.labels[row] for table, row in found]),
        predictions=np.array([table.predictions[row] for table, row in found]),
        probabilities=None,
        metadata={
            name: np.array([str(table.metadata[name][row]) if name in table.metadata else "" for table, row in found])
            for name in columns
        },
    )
