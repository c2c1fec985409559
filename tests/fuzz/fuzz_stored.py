"""What derm itself stored and reads again, changed by hand or by a disk; and its settings."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.fuzz import mutations
from tests.fuzz.fuzz_targets import Target, promise
from tests.support import run_folders, trees

SETTINGS = b"""data = "photographs"
cache_limit = "2 GB"
target = "clinic"
plugins = ["datasets", "x"]
[datasets.clinic]
path = "c"
reader = "csv"
leave_out = ["A"]
[train]
epochs = 2
label = [1, 2.5, {a = 1}]
"""
LEDGER = b"sha256,case_id,part\n01,a,train\n02,b,test\n"


class Stored(Target):
    """What was changed is read with its new values, or refused; a damaged pack is made anew."""

    def prepare(self) -> None:
        import numpy as np

        from derm_cli.data.packing.pack import pack
        from derm_cli.plan import PAPER_AUGMENTATION, Preprocessing
        from derm_cli.plugin import ArtefactFacts

        self.folder.mkdir(parents=True, exist_ok=True)
        plan = replace(run_folders.PLAN, stages=(run_folders.STAGE,) * 2, augmentation=PAPER_AUGMENTATION)
        self.plan, self.request = plan.to_json(), run_folders.REQUEST.to_json()
        self.record = {
            "format": 1,
            "status": "running",
            "request": self.request,
            "files": {"plan.json": "0" * 64},
            "process": {"host": "x", "pid": 1, "started": "1"},
        }
        facts = ArtefactFacts(
            run="x",
            classes=plan.classes,
            preprocessing=plan.preprocessing,
            backbone="made",
            target="clinic",
            made=False,
            derm="0",
        )
        self.facts = json.loads(facts.to_json())
        self.rule, self.cache = Preprocessing(size=16), self.folder / "cache"
        trees.make_folder(self.folder / "photographs", per_class=1, size=32)
        self.files = sorted((self.folder / "photographs").rglob("[0-9].*"))
        shutil.rmtree(self.cache, ignore_errors=True)
        self.photographs = np.array(pack(self.files, self.rule, self.cache, "made").photographs)
        packs = (path for path in (self.cache / "packs").iterdir() if path.suffix in (".npy", ".jsonl"))
        self.packed = {path.name: path.read_bytes() for path in packs}
        assert len(self.packed) == 2
        assert self.photographs.any()

    def check_one(self, random: Random) -> str:
        kinds: dict[str, Callable[[Random], str]] = {
            "plan": self._plan,
            "request": self._request,
            "record": self._record,
            "predictions": self._predictions,
            "ledger": self._ledger,
            "settings": self._settings,
            "pack": self._pack,
            "facts": self._facts,
        }
        kind = random.choice(sorted(kinds))
        self.description = kind
        return f"{kind} {kinds[kind](random)}"

    def _json(self, random: Random, value: Any) -> Any:
        spoilt, how = mutations.spoil_json(random, value)
        self.description += f": {how}: {json.dumps(spoilt)[:600]}"
        return spoilt

    def _text(self, random: Random, value: Any) -> bytes:
        data, how = mutations.spoil_json_text(random, value)
        self.description += f": {how}: {data[:600]!r}"
        return data

    def _plan(self, random: Random) -> str:
        from derm_cli.plan import Plan

        Plan.from_json(self._json(random, self.plan)).to_json()
        return "read"

    def _request(self, random: Random) -> str:
        from derm_cli.workflows.training.request import TrainRequest

        TrainRequest.from_json(self._json(random, self.request)).to_json()
        return "read"

    def _record(self, random: Random) -> str:
        from derm_cli.runs.folder import RunFolder
        from derm_cli.runs.record import RunRecord

        run = RunFolder(self.folder / "run")
        run.path.mkdir(exist_ok=True)
        (run / "run.json").write_bytes(self._text(random, self.record))
        promise(isinstance(run.record, RunRecord), "run.json is no record")
        assert run.status is not None
        return "read"

    def _predictions(self, random: Random) -> str:
        from derm_cli.evaluation.metrics.classification import evaluation_of
        from derm_cli.evaluation.predictions import read_predictions

        data, how = mutations.spoil_table(random, run_folders.PREDICTIONS.encode())
        self.description += f": {how}: {data[:600]!r}"
        (self.folder / "predictions.csv").write_bytes(data)
        evaluation_of(read_predictions(self.folder / "predictions.csv"))
        return "read"

    def _ledger(self, random: Random) -> str:
        from derm_cli.data.splitting.ledger import SplitLedgers
        from derm_cli.data.splitting.ledger_table import empty_ledger

        data, how = mutations.spoil_table(random, LEDGER)
        self.description += f": {how}: {data[:600]!r}"
        ledgers = SplitLedgers(self.folder)
        ledgers.folder.mkdir(exist_ok=True)
        ledgers.path("clinic").write_bytes(data)
        parts = ledgers.read("clinic", empty_ledger(), ("train", "test"))
        promise(set(parts["part"]) <= {"train", "test"}, "a part that is none")
        return "read"

    def _settings(self, random: Random) -> str:
        from derm_cli.config import load

        if random.random() < 0.5:
            data, how = mutations.spoil_bytes(random, SETTINGS)
        else:
            spoilt, how = mutations.spoil_json(random, tomllib.loads(SETTINGS.decode()))
            data = _as_toml(spoilt) if isinstance(spoilt, dict) else b"x"
        self.description += f": {how}: {data[:600]!r}"
        path = self.folder / "derm.toml"
        path.write_bytes(data)
        load({}, {"DERM_CONFIG": str(path)}).named()
        return "read"

    def _pack(self, random: Random) -> str:
        from derm_cli.data.packing.pack import pack
        from derm_cli.quiet import quietly

        cache = self.cache / "packs"
        shutil.rmtree(cache)
        cache.mkdir()
        name = random.choice(sorted(self.packed))
        data, how = mutations.spoil_bytes(random, self.packed[name])
        half = random.random() < 0.3
        self.description += f": {name.rpartition('.')[2]}{' half' if half else ''}: {how}"
        for each, content in {**self.packed, name: data}.items():
            stem, _, suffix = each.rpartition(".")
            (cache / (f"{stem}.half.{suffix}" if half else each)).write_bytes(content)
        with quietly():
            packed = pack(self.files, self.rule, self.cache, "made", verify=True)
        promise(bool((packed.photographs == self.photographs).all()), "what is damaged was taken for sound")
        promise(not packed.unreadable and all(packed.facts), "a photograph was lost")
        return "read"

    def _facts(self, random: Random) -> str:
        from derm_cli.plugin import ArtefactFacts

        ArtefactFacts.from_json(self._text(random, self.facts), "model.tflite").to_json()
        return "read"


def _as_toml(value: dict[str, Any]) -> bytes:
    return "\n".join(f"{json.dumps(key)} = {_inline(each)}" for key, each in value.items()).encode("utf-8", "replace")


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return '""' if value is None else json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")
