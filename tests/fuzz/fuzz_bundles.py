"""Bundles of strangers: folders and zips of which something was changed, by hand or by who means harm."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from random import Random
from typing import Any

from tests.fuzz import mutations
from tests.fuzz.fuzz_targets import Target, promise
from tests.support.made_bundle import make_bundle

BAD_NAMES = ("../out", "/out", "a/../../out", "c:\\out", "vectors/../../out", "model.tflite/x", "x" * 300, "\x00", "")


class Bundles(Target):
    """What was changed is read with its new values, told of or refused; nothing is written or read elsewhere."""

    def prepare(self) -> None:
        from derm_cli.plugin.registry import Registry

        self.registry = Registry()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.sound = make_bundle(self.folder / "sound")
        self.files = {
            path.relative_to(self.sound).as_posix(): path.read_bytes()
            for path in sorted(self.sound.rglob("*"))
            if path.is_file()
        }
        self.documents = {name: json.loads(self.files[name]) for name in ("manifest.json", "vectors/expected.json")}

    def check_one(self, random: Random) -> str:
        kinds = {"manifest": self._document, "vectors": self._document, "file": self._file, "zip": self._zip}
        kind = random.choice(sorted(kinds))
        self.description = kind
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        try:
            return f"{kind} {kinds[kind](random, work, kind)}"
        finally:
            outside = {path.name for path in self.folder.iterdir()} - {"sound", "work", "bundle.zip"}
            promise(not outside, f"something was written outside: {outside}")

    def _read(self, folder: Any) -> str:
        from mobile_export.bundle.reading import file_faults, models_of, read_manifest, read_vectors

        manifest = read_manifest(folder)
        faults = list(file_faults(folder, manifest))
        if faults:
            return "told"
        for name in manifest["files"]:
            promise((folder / name).resolve().is_relative_to(folder.resolve()), f"'{name}' leaves the folder")
        read_vectors(folder, manifest)
        models_of(folder)
        return "read"

    def _written(self, work: Any, files: dict[str, bytes]) -> Any:
        for name, content in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(content)
        return work

    def _document(self, random: Random, work: Any, kind: str) -> str:
        name = "manifest.json" if kind == "manifest" else "vectors/expected.json"
        if random.random() < 0.5:
            data, how = mutations.spoil_json_text(random, self.documents[name])
        else:
            spoilt, how = mutations.spoil_json(random, self.documents[name])
            data = json.dumps(spoilt).encode("utf-8", "replace")
        self.description += f": {how}: {data[:600]!r}"
        return self._read(self._written(work, {**self.files, name: data}))

    def _file(self, random: Random, work: Any, kind: str) -> str:
        name = random.choice([each for each in self.files if each != "manifest.json"])
        data, how = mutations.spoil_bytes(random, self.files[name])
        self.description += f": {name}: {how}"
        end = self._read(self._written(work, {**self.files, name: data}))
        promise(end == "told" or data == self.files[name], f"'{name}' was changed and taken for sound")
        return end

    def _zip(self, random: Random, work: Any, kind: str) -> str:
        from derm_cli.workflows.bundle_folder import opened_bundle

        stream = io.BytesIO()
        names = {name: name for name in self.files}
        if random.random() < 0.5:
            names[random.choice(sorted(names))] = random.choice(BAD_NAMES)
        with zipfile.ZipFile(stream, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for name, told in names.items():
                archive.writestr(zipfile.ZipInfo(told or "x"), self.files[name])
        data, how = stream.getvalue(), "names"
        if random.random() < 0.7:
            data, how = mutations.spoil_bytes(random, data)
        self.description += f": {how}: {sorted(set(names.values()) - set(names))}"
        (self.folder / "bundle.zip").write_bytes(data)
        with opened_bundle(self.registry, self.folder / "bundle.zip") as (_, folder):
            return self._read(folder)
