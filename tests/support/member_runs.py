"""Runs made by hand that differ in what of the cases a to f they learnt from, chose by and were tested on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from derm_cli.files import write_text
from derm_cli.plan import Plan
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import FINISHED, EnsembleMember, RunRecord
from tests.support.run_folders import PLAN, REQUEST

CASES = "abcdef"
LABELS = {case: "MEL" if case in "ace" else "NEV" for case in CASES}
DATA = {"clinic": "0123456789abcdef" * 4}
WITHOUT_TEST = replace(PLAN, test_share=0.0)


def fold(number: int, of: int, plan: Plan = PLAN) -> Plan:
    """Return the plan of a fold."""
    return replace(plan, folds=of, fold=number)


def make_member(
    root: Path,
    name: str,
    plan: Plan = PLAN,
    *,
    tested: str = "ef",
    validated: str = "",
    known: str = CASES,
    members: tuple[str, ...] = (),
    model: Path | None = None,
    **record: Any,
) -> RunFolder:
    """Write a finished run that was ``tested`` on some of the cases that were ``known``, and learnt from the others.

    Each answer is right, with a probability of .75.  Nothing is predicted where the plan keeps nobody for a test.
    """
    run = RunFolder(root / name)
    run.path.mkdir(parents=True)
    values = {"data": DATA, "request": REQUEST.to_json(), "plan": plan.fingerprint(), **record}
    run.write(RunRecord(status=FINISHED, members=tuple(EnsembleMember(each, "0" * 64) for each in members), **values))
    source = f'"own, fold {plan.fold} of {plan.folds}"' if plan.folds else "own"
    rows = [
        f"{plan.target},{case},{case}.png,{LABELS[case]},sha-{case},{part},{source},g{case}"
        for case in known
        for part in ["test" if case in tested else "validation" if case in validated else "train"]
    ]
    texts = {
        layout.PLAN: json.dumps(plan.to_json()),
        layout.SPLIT: "\n".join(["dataset,case_id,file,label,sha256,part,source,group", *rows]) + "\n",
        layout.DROPPED: "dataset,case_id,file,label,reason\n",
    }
    for file, cases in ((layout.PREDICTIONS, tested), (layout.VALIDATION, validated)):
        if cases:
            texts[file] = predictions_text(cases)
    for file, text in texts.items():
        write_text(run / file, text)
    if model is not None:
        (run / layout.MODEL).write_bytes(model.read_bytes())
        texts[layout.MODEL] = ""
    run.seal(*texts)
    return run


def predictions_text(cases: str) -> str:
    """Return a predictions table in which every answer is right."""
    rows = [
        f"{case},{LABELS[case]},{LABELS[case]},p{case},{'0.75,0.25' if LABELS[case] == 'MEL' else '0.25,0.75'}"
        for case in cases
    ]
    return "\n".join(["case_id,label,prediction,patient,p_MEL,p_NEV", *rows]) + "\n"
