"""Stage outlines: what of a stage key is known before photographs are decoded and a training framework is started."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace
from typing import Any

from derm_cli import __version__
from derm_cli.console import without_warnings
from derm_cli.cores import usable_cores
from derm_cli.data.labels import stage_labels
from derm_cli.data.records import Records
from derm_cli.data.splitting import TRAIN, VALIDATION
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.data.splitting.split import Texts, split_one
from derm_cli.engine import backend
from derm_cli.engine.framework_settings import recorded_settings
from derm_cli.errors import DermError
from derm_cli.plan import Plan, Stage
from derm_cli.workflows.training.planning import Prepared
from derm_cli.workflows.training.stage_keys import NOT_OF_A_STAGE
from derm_cli.workflows.training.teacher import is_distilled

_OF_A_STAGE = {each.name for each in fields(Plan)} - {*NOT_OF_A_STAGE, "seed"} | {"execution"}
"""The fields of a plan that all of its stages depend on; the seed is told apart."""


class StageOutlines:
    """Computes the outlines of stages, and does once what many plans on the same records have in common.

    ``ledgers`` have the parts that earlier runs decided on; ``cores`` are those that a training may use, by default
    those of this process.
    """

    def __init__(self, ledgers: SplitLedgers, cores: int | None = None) -> None:
        self._ledgers = ledgers
        self._environment = {
            **backend.versions(),
            **recorded_settings(),
            "cores": usable_cores() if cores is None else cores,
        }
        # By id: the records that are held here keep theirs.
        self._held: dict[int, Records] = {}
        self._parts: dict[tuple[Any, ...], Texts] = {}
        self._labels: dict[tuple[Any, ...], Any] = {}
        self._digests: dict[tuple[Any, ...], tuple[str, int]] = {}

    def of(self, prepared: Prepared, cases: tuple[tuple[int, int, int | None], ...] = ()) -> list[list[str]]:
        """Return the outline of each stage, 64 hexadecimal digits, for each seed, fold and split seed of ``cases``.

        Without ``cases`` those of the plan are taken.  An outline covers the plan up to and with its stage, the
        photographs of the tables that those stages learn from and are validated on, versions, settings and cores.
        Stages that have the same key have the same outline; that those of one outline have one key may fail where
        photographs of two datasets turn out to be the same.  Raises DermError where a dataset cannot be split so.
        """
        plan = prepared.plan
        self._held |= {id(each): each for each in prepared.records.values()}
        # Representations of dataclasses say all that is in them, in a fifth of the time that their JSON takes.
        common = {each.name: repr(getattr(plan, each.name)) for each in fields(plan) if each.name in _OF_A_STAGE}
        stages = [repr(stage) for stage in plan.stages]
        teacher = plan.teacher.model if plan.teacher else ""
        outlines = []
        for seed, fold, split_seed in cases or ((plan.seed, plan.fold, plan.split_seed),):
            this = replace(plan, seed=seed, fold=fold, split_seed=split_seed)
            beginning = {"derm": __version__, "plan": common, "seed": seed, "environment": self._environment}
            digest, of_plan = hashlib.sha256(_text(beginning)), []
            for stage, described in zip(plan.stages, stages, strict=True):
                digest.update(_text({"stage": described} | self._photographs(prepared, this, stage)))
                digest.update(_text(teacher if is_distilled(stage) else ""))
                of_plan.append(digest.hexdigest())
            outlines.append(of_plan)
        return outlines

    def training_photographs(self, prepared: Prepared, stage: Stage) -> int:
        """Return how many photographs a stage of a plan learns from, as the tables have them."""
        return sum(
            self._of_part(records, prepared.plan, stage, TRAIN)[1]
            for name in stage.datasets
            for records in [prepared.records[name]]
        )

    def _photographs(self, prepared: Prepared, plan: Plan, stage: Stage) -> dict[str, Any]:
        records = [prepared.records[name] for name in stage.datasets]
        parts = (TRAIN, VALIDATION) if plan.validation_share else (TRAIN,)
        return {part: [self._of_part(each, plan, stage, part)[0] for each in records] for part in parts}

    def _of_part(self, records: Records, plan: Plan, stage: Stage, part: str) -> tuple[str, int]:
        """Return the SHA-256 of the cases of a part with their labels in a stage, and how many they are."""
        split = (id(records), *_split_fields(records.name, plan))
        labelled = (id(records), stage.classes, records.name == plan.target)
        key = (split, labelled, part)
        if key not in self._digests:
            if labelled not in self._labels:
                self._labels[labelled] = stage_labels(records, stage, plan)
            labels = self._labels[labelled]
            selected = (self._parts_of(records, plan, split) == part) & labels.notna().to_numpy()
            cases = records.frame[["case_id", "file"]].assign(label=labels)[selected]
            text = json.dumps(cases.astype(str).to_numpy().tolist())
            self._digests[key] = (hashlib.sha256(text.encode(errors="replace")).hexdigest(), int(selected.sum()))
        return self._digests[key]

    def _parts_of(self, records: Records, plan: Plan, key: tuple[Any, ...]) -> Texts:
        if key not in self._parts:
            self._parts[key] = split_one(records, plan, self._ledgers)[0].parts
        return self._parts[key]


def own_outlines(prepared: Prepared, ledgers: SplitLedgers) -> list[str]:
    """Return the outlines of a training's own stages, to be kept beside them; '' for each where they cannot be told."""
    try:
        with without_warnings():
            return StageOutlines(ledgers).of(prepared)[0]
    except DermError:
        # The split is another's, which a table alone does not give.
        return [""] * len(prepared.plan.stages)


def _split_fields(dataset: str, plan: Plan) -> tuple[Any, ...]:
    """Return all of a plan that the split of a dataset depends on."""
    folds = (plan.folds, plan.fold) if dataset == plan.target else (0, 0)
    return (*folds, plan.official_split(dataset), plan.test_share, plan.validation_share, plan.seed_of_split)


def _text(values: Any) -> bytes:
    return json.dumps(values, sort_keys=True).encode()
