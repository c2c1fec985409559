"""Paths for what commands write: no input is changed by any command, and one that is refused leaves all as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from random import Random

from click.testing import CliRunner

from derm_cli.runs.layout import RECORD
from tests.fuzz import mutations
from tests.fuzz.fuzz_targets import Target, promise
from tests.support import trees

DATASET = "pad-ufes-20"
TABLE = "case_id,label,prediction\n" + "".join(f"c{row},{'ab'[row % 2]},{'ab'[row % 3 % 2]}\n" for row in range(12))
EVALUATE = ("evaluate", "--predictions", "t.csv", "--draws", "0")
WRITING: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (EVALUATE, "--csv", ".csv"),
    (EVALUATE, "--latex", ".tex"),
    (EVALUATE, "--table", ".csv"),
    (EVALUATE, "--report", ".html"),
    (("runs", "compare", "t.csv", "u.csv", "--draws", "0"), "--csv", ".csv"),
    (("runs", "compare", "t.csv", "u.csv", "--draws", "0"), "--latex", ".tex"),
    (("data", "check", DATASET), "--html", ".html"),
    (("data", "show", DATASET, "--size", "32", "--per-class", "1"), "--to", ".png"),
    (("predict", "model.onnx", "photograph.png"), "--map", ".png"),
)
"""Commands that write a file, the option that names it, and how it should end."""
IN_FOLDERS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("data", "template", "csv"), "", ""),
    (("data", "download", DATASET, "--dry-run"), "--to", ""),
    (("data", "ingest", DATASET, "--size", "32"), "--cache", ""),
    (("cache", "clean", "--all", "--yes"), "--cache", ""),
    (("train", "--chain", DATASET, "--dry-run"), "--runs", ""),
)
"""Commands that write in a folder, and the option that names it."""
NAMES = (
    *("new", "é", "e\u0301", "-x", "--force", "a b", "a\nb", "\x1b[31m", "=1", "%20", "x" * 300, "T.CSV", "con", ".x"),
)
Contents = dict[str, bytes | str]


class Outputs(Target):
    """A command writes what it was told to, or nothing; what it reads, and what others wrote, stays as it was."""

    def prepare(self) -> None:
        sound = self.folder / "sound"
        if not sound.exists():
            trees.make_pad(sound / "data" / DATASET, per_class=2, size=16)
            for name in ("t.csv", "u.csv"):
                (sound / name).write_text(TABLE, encoding="utf-8")
            for name in ("mine.csv", "mine.html", "mine.png", "mine.tex", "model.onnx", "folder/mine"):
                (sound / name).parent.mkdir(exist_ok=True)
                (sound / name).write_text("somebody's own work\n", encoding="utf-8")
            photograph = next((sound / "data").rglob("*.png"))
            shutil.copy(photograph, sound / "photograph.png")
            run = sound / "runs" / "20260101-000000-abcd"
            run.mkdir(parents=True)
            (run / RECORD).write_text("{}", encoding="utf-8")
            (run / "model.keras").write_bytes(b"a model")
            (sound / "derm.toml").write_text("", encoding="utf-8")
        # What is sound is written: what fails below fails for its path.
        words, option, _ = WRITING[0]
        status, said = self._derm(self._fresh(), [*words, option, "new.csv"])
        promise(status == 0, f"a sound call is refused: {said}")

    @cached_property
    def cli(self):
        from derm_cli.cli import cli

        return cli

    def _fresh(self) -> Path:
        """Return a fresh copy of the sound files."""
        root = self.folder / "spoilt"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.folder / "sound", root)
        return root

    def _derm(self, root: Path, arguments: list[str]) -> tuple[int, str]:
        """Call derm in ``root``, and return its exit status and what it said."""
        places = {f"DERM_{name.upper()}": str(root / name) for name in ("data", "runs", "cache")}
        here = Path.cwd()
        os.chdir(root)
        try:
            result = CliRunner().invoke(self.cli, arguments, env=places)
        finally:
            os.chdir(here)
        promise(isinstance(result.exception, SystemExit | None), f"it raised {result.exception!r}")
        promise("Derm did not expect this" not in result.output, result.output[:500])
        return result.exit_code, result.output

    def check_one(self, random: Random) -> str:
        root = self._fresh()
        if random.random() < 0.2:
            spoilt, _ = mutations.spoil_table(random, TABLE.encode())
            (root / "t.csv").write_bytes(spoilt)
        in_folder = random.random() < 0.3
        words, option, suffix = random.choice(IN_FOLDERS if in_folder else WRITING)
        path, way = _named(random, root, suffix if random.random() < 0.9 else "")
        force = ["--force"] if not in_folder and random.random() < 0.4 else []
        before = contents(root)
        given = [option, path] if option else ["--", path]
        arguments = [*given, *words] if option in ("--cache", "--runs") else [*words, *force, *given]
        self.description = f"derm {arguments} ({way})"
        status, said = self._derm(root, arguments)
        after = contents(root)
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        written = os.path.relpath(os.path.realpath(root / path), os.path.realpath(root))
        # Reading fills the cache; where the path itself is refused, nothing was read.
        refused_path = status == 2 and "'" in said and option in said
        outside = {name for name in changed if refused_path or not name.startswith("cache/")}
        if status:
            promise(not outside, f"refused, but changed: {sorted(outside)}; {said[:300]}")
            return "refused"
        promise(
            all(name == written or name.startswith(f"{written}/") for name in outside),
            f"told to write '{written}', but changed: {sorted(outside)}",
        )
        overwritten = {name for name in outside if name in before}
        promise(not overwritten or bool(force), f"overwritten without --force: {sorted(overwritten)}")
        # With --force a link gives way to a file, and what it led to stays.
        kept = {name for name in overwritten if name in words or name.startswith(("data/", "runs/"))}
        promise(not kept, f"overwritten, though it is an input: {sorted(kept)}")
        return "written"


def contents(root: Path) -> Contents:
    """Return what is in every file below a folder, and where every link leads."""
    return dict(_contents(root, ""))


def _contents(folder: Path, within: str) -> Iterator[tuple[str, bytes | str]]:
    for entry in os.scandir(folder):
        name = within + entry.name
        if entry.is_symlink():
            yield name, str(Path(entry.path).readlink())
        elif entry.is_dir():
            yield from _contents(Path(entry.path), f"{name}/")
        elif entry.is_file():
            yield name, Path(entry.path).read_bytes()


def _named(random: Random, root: Path, suffix: str) -> tuple[str, str]:
    """Return a path below ``root`` to write to, relative to it or whole, and how it was come by; links may be made."""
    there = sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))
    target = random.choice(there)
    kinds = ("new", "itself", "of its ending", "spelled", "link", "hard link", "dangling", "beside", "below", "made")
    way = random.choice(kinds)
    fitting = [each for each in there if each.endswith(suffix)] or there
    path = random.choice(NAMES) + suffix
    if way == "itself":
        path = target
    elif way == "of its ending":
        path = random.choice(fitting)
    elif way == "spelled":
        path = f"data/../{random.choice(fitting)}"
    elif way == "link":
        (root / f"link{suffix}").symlink_to(root / random.choice(fitting))
        path = f"link{suffix}"
    elif way == "hard link" and (root / target).is_file():
        (root / f"same{suffix}").hardlink_to(root / target)
        path = f"same{suffix}"
    elif way == "dangling":
        (root / f"nowhere{suffix}").symlink_to(root / random.choice(("nothing", "data/nothing", f"data/{DATASET}/x")))
        path = f"nowhere{suffix}"
    elif way == "beside":
        path = str(Path(target).parent / path)
    elif way == "below":
        path = f"{target}/{path}"
    elif way == "made":
        path = f"not/there/yet/{path}"
    return (path if random.random() < 0.5 else str(root / path)), way
