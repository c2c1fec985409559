"""The readers of all built-in layouts, on spoilt tables, lists and folders; and the checks on what they give."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from random import Random
from typing import Any

import numpy as np

from tests.fuzz import mutations
from tests.fuzz.fuzz_targets import Target, promise
from tests.support.dataset_makers import MAKERS

LAYOUTS = {**MAKERS, "isic-archive-malignancy": MAKERS["isic-archive"]}
ODD_NAMES = (
    *(b"\xff\xfe.jpg", b"M\xe4rz.jpg", b"a\nb.png", b"\x1b[31m.jpg", b"x" * 250 + b".png", b".jpg", "É.JPG".encode()),
)

FOLDERS = (
    *("train", "Test", "val_set", "fold1", "masks", "@eaDir", "$RECYCLE.BIN", "lost+found", ".Trash-1000", "__MACOSX"),
)
QUESTIONS = """name,title,kind,choices,unit,least,greatest,known_by
weeks,For how many weeks has it been there?,number,,weeks,0,5000,patient
colour,Which colour has it?,choice,red|brown,,,,doctor
bleed,Has it bled?,yes-no,,,,,
"""
ENDINGS = (".jpeg", ".JFIF", ".heic", ".dng", ".png", ".gif", "")


class Tables(Target):
    """A spoilt tree of any layout gives records that can be relied on, or a DermError."""

    def prepare(self) -> None:
        for name, make in LAYOUTS.items():
            if not (self.folder / "sound" / name).exists():
                make(self.folder / "sound" / name, per_class=2, size=16)
                if name in ("csv", "dermai"):
                    (self.folder / "sound" / name / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
        (self.folder / "spoilt").mkdir(exist_ok=True)
        for name in LAYOUTS:
            # What is sound is read whole: what fails below fails for what was spoilt.
            records = self._read(name, self.folder / "sound" / name)
            promise(len(records.frame) >= 2 * len(records.classes), f"{name}: {len(records.frame)} records")
            verify_records(records, self.folder / "sound" / name)
            check_records(records)

    @cached_property
    def specs(self) -> dict[str, Any]:
        from derm_cli.plugin import DatasetSpec
        from derm_cli.plugin.registry import Registry

        return Registry().all(DatasetSpec)

    def _read(self, name: str, root: Path) -> Any:
        from derm_cli.data.locating import LocatedDataset
        from derm_cli.data.records import read_usable_records

        return read_usable_records(LocatedDataset(name, self.specs[name], root))

    def check_one(self, random: Random) -> str:
        from derm_cli.data.records import without_empty_classes

        name = random.choice(sorted(LAYOUTS))
        root = self.folder / "spoilt" / name
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.folder / "sound" / name, root, copy_function=os.link)
        self._spoil(random, name, root)
        records = self._read(name, root)
        verify_records(records, root)
        if random.random() < 0.25:
            check_records(records)
        without_empty_classes(records)
        return "records"

    def _spoil(self, random: Random, name: str, root: Path) -> None:
        tables = sorted(path for path in root.rglob("*") if _is_table(path))
        changes = [name]
        for path in random.sample(tables, min(len(tables), random.choice((1, 1, 1, 2)))):
            spoilt, how = mutations.spoil_table(random, path.read_bytes())
            # It is a link to the sound file.
            path.unlink()
            path.write_bytes(spoilt)
            changes.append(f"{path.relative_to(root)}: {how}")
        if not tables or random.random() < 0.15:
            changes += [spoil_folder(random, root) for _ in range(random.choice((1, 1, 4)))]
        self.description = ", ".join(changes)


def _is_table(path: Path) -> bool:
    return path.is_file() and (path.suffix.lower() in ("", ".csv") or path.name == "lesionlist.txt")


def spoil_folder(random: Random, root: Path) -> str:
    """Rename, remove or add something in a folder, or make it what it is not."""
    path = random.choice(sorted(root.rglob("*")) or [root])
    beside = Path(os.fsdecode(os.fsencode(path.parent) + b"/" + random.choice(ODD_NAMES)))
    kinds = ("gone", "renamed", "upper", "loop", "folder", "pipe", "dangling", "empty", "odd", "odd folder", "deep")
    kind = random.choice((*kinds, "named", "ending", "lower"))
    if path == root or not path.exists():
        return "nothing"
    if kind == "gone":
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    elif kind == "upper":
        path.rename(path.with_name(path.name.upper()))
    elif kind == "renamed" and not beside.exists():
        path.rename(beside)
    elif kind == "named" and not (name := path.with_name(random.choice(FOLDERS))).exists():
        shutil.copytree(path, name) if path.is_dir() and random.random() < 0.5 else path.rename(name)
    elif kind == "ending" and path.is_file() and not (name := path.with_suffix(random.choice(ENDINGS))).exists():
        path.rename(name)
    elif kind == "lower" and path.is_file() and not (path.parent / "lower").exists():
        (path.parent / "lower").mkdir()
        path.rename(path.parent / "lower" / path.name)
    elif kind == "odd" and path.is_file() and not beside.exists():
        shutil.copy(path, beside)
    elif kind == "odd folder" and not beside.exists():
        beside.mkdir()
        (beside / "1.jpg").write_bytes(b"")
    elif kind == "deep":
        deep = path.parent.joinpath(*["d"] * 60)
        deep.mkdir(parents=True, exist_ok=True)
        (deep / "1.jpg").write_bytes(b"")
    elif kind == "loop" and not (path.parent / "loop").is_symlink():
        (path.parent / "loop").symlink_to(root, target_is_directory=True)
    elif path.is_file():
        path.unlink()
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "dangling":
            path.symlink_to("nowhere")
        else:
            path.write_bytes(b"")
    return f"{os.fsencode(path.relative_to(root))!r}: {kind}"


def verify_records(records: Any, root: Path) -> None:
    """Check what every user of records relies on."""
    from derm_cli.data.answers import encode_cases, fit_encoding
    from derm_cli.plugin.records import OPTIONAL_COLUMNS, answer_column

    frame, dropped = records.frame, records.dropped
    for name in ("case_id", "file", "label", "diagnosis"):
        promise(all(isinstance(each, str) for each in frame[name]), f"{name} is no text")
    for table in (frame, dropped, records.refused):
        # As split.csv, dropped.csv and reports are written.
        table.to_csv(index=False).encode()
    class_names = {each.name for each in records.classes}
    promise(set(frame["label"]) <= class_names, "a label is no class")
    promise(all(each and each == each.strip() for each in frame["case_id"]), "a case has no name")
    promise(not frame["case_id"].duplicated().any(), "a case stands twice")
    promise(not class_names & {"@eaDir", "$RECYCLE.BIN", "lost+found", "__MACOSX"}, "a system's folder is a class")
    promise(bool(dropped["reason"].map(bool).all()), "a record was dropped without a reason")
    for name in [*frame["file"], *(frame["mask"].dropna() if "mask" in frame else ())]:
        inside = ".." not in PurePosixPath(name).parts and not PurePosixPath(name).is_absolute()
        promise(inside, f"'{name}' leads out of the folder")
    for name in frame["file"]:
        promise((root / name).is_file(), f"'{name}' is not there")
    if "age" in frame:
        promise(bool(frame["age"].dropna().between(0, 120).all()), "an age cannot be")
    if "fitzpatrick" in frame:
        promise(set(frame["fitzpatrick"].dropna()) <= set(range(1, 7)), "a skin type cannot be")
    for field in records.metadata:
        fits = OPTIONAL_COLUMNS.get(field.name, answer_column(field)).accepts
        promise(all(map(fits, frame[field.name].dropna())), f"an answer to '{field.name}' cannot be")
    answers = encode_cases(fit_encoding(records.metadata, frame), frame)
    promise(bool(np.isfinite(answers).all()), "an answer is no number")
    if "sex" in frame:
        promise(set(frame["sex"].dropna()) <= {"male", "female"}, "a sex is not understood")


def check_records(records: Any) -> None:
    """Run the data check on records, as if every photograph could be decoded."""
    from derm_cli.data.checking.checks import run_checks
    from derm_cli.data.checking.findings import DecodedDataset
    from derm_cli.data.facts import Facts

    count = len(records.frame)
    facts = Facts(format="PNG", width=16, height=16, mode="RGB", contrast=40.0, focus=20.0, brightness=100.0)
    prints = [f"{row % 5 * 7919:064x}" for row in range(count)]
    frame = records.frame.assign(sha256=[f"{row % 11}" for row in range(count)], row=range(count), fingerprint=prints)
    checked = DecodedDataset(
        replace(records, frame=frame), tuple(replace(facts, fingerprint=each) for each in prints), {}
    )
    report = run_checks([checked])
    json.dumps([each.to_json() for each in (*report.findings, *report.coverage)], ensure_ascii=False).encode()
