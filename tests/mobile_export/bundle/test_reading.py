"""A bundle of a stranger is data: what was changed in it is named, and nothing outside of it is looked at."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from derm_cli.errors import DermError
from mobile_export.bundle.layout import MOST_TEXT
from mobile_export.bundle.reading import file_faults, models_of, read_manifest, read_vectors


def rewritten(bundle: Path, change, name="manifest.json") -> Path:
    values = json.loads((bundle / name).read_text())
    change(values)
    (bundle / name).write_text(json.dumps(values))
    return bundle


def test_what_was_packed_is_read(packed, packed_with_answers):
    for bundle in (packed, packed_with_answers):
        manifest = read_manifest(bundle)
        assert list(file_faults(bundle, manifest)) == []
        assert len(read_vectors(bundle, manifest)) == 11
        assert models_of(bundle) == (bundle / "model.tflite", bundle / "model.onnx")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(version=2), r"\$\.version is 2, against const 1"),
        (lambda m: m.pop("licences"), r"\$ has no 'licences'"),
        (lambda m: m.update(extra=1), r'\$ has "extra", which the schema does not know'),
        (lambda m: m["preprocessing"].update(size=10**9), "against maximum 4096"),
        (
            lambda m: m["models"][0].update(file="../../etc/passwd"),
            r"\$\.models\[0\]\.file is \"\.\./\.\./etc/passwd\"",
        ),
        (lambda m: m["files"].update({"/etc/passwd": {"size": 1, "sha256": "0" * 64}}), r"\$\.files is "),
        (lambda m: m["models"][0].update(file="labels.txt"), "the model 'labels.txt' is not among the files"),
        (lambda m: m["models"][0].update(size=1), "the model 'model.tflite' is not among the files"),
        (lambda m: m["classes"][0].update(name="MEL"), "two classes share a name"),
        (lambda m: m["advice"]["rules"][0].update(classes=["x"]), "'advice' names a class that there is not"),
        (lambda m: m["thresholds"][0].update(classes=["x"]), "'thresholds' names a class that there is not"),
        (lambda m: m["inputs"].append(m["inputs"][0]), "the inputs are not those of a model with these questions"),
        (lambda m: m["views"].update(name="crops"), "against enum"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(bundle, change, said):
    with pytest.raises(DermError, match=f"manifest.json' is no manifest of a bundle .*{said}.*get the bundle again"):
        read_manifest(rewritten(bundle, change))


def test_questions_that_contradict_their_vector_are_refused(packed_with_answers, tmp_path):
    manifest = json.loads((packed_with_answers / "manifest.json").read_text())
    manifest["questions"]["vector"].pop()
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DermError, match="the vector of answers is not that of its questions"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Expecting value"),
        (b"\x80{}", "codec can't decode"),
        (b'{"a": NaN}', "NaN is no number"),
        (b"[" * 10**5, "nested too deeply"),
        (b" " * (MOST_TEXT + 1), f"it has {MOST_TEXT + 1} bytes"),
        (b"[]", r"\$ is no object"),
    ],
)
def test_what_is_no_manifest_is_one_sentence(tmp_path, content, said):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(DermError, match=said):
        read_manifest(tmp_path)


@pytest.mark.parametrize("kind", ["missing", "folder", "link", "pipe"])
def test_a_manifest_that_is_no_file_is_not_waited_for(bundle, tmp_path, kind):
    manifest = bundle / "manifest.json"
    manifest.rename(tmp_path / "moved.json")
    {
        "missing": lambda: None,
        "folder": manifest.mkdir,
        "link": lambda: manifest.symlink_to(tmp_path / "moved.json"),
        "pipe": lambda: os.mkfifo(manifest),
    }[kind]()
    with pytest.raises(DermError, match="it is not there, or no file"):
        read_manifest(bundle)


def changed_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda b: changed_byte(b / "model.onnx"), "'model.onnx' is not the file that the manifest has the SHA-256 of"),
        (lambda b: changed_byte(b / "run.py"), "'run.py' is not the file that"),
        (lambda b: (b / "labels.txt").write_text("x"), "'labels.txt' has 1 bytes, not the "),
        (lambda b: (b / "labels.txt").unlink(), "'labels.txt' is not there"),
        (lambda b: (b / "extra.py").write_text("x"), "'extra.py' is not in the manifest"),
        (lambda b: (b / "link").symlink_to("/etc/passwd"), "'link' is no file but a link"),
        (lambda b: (b / "folder").symlink_to("/etc"), "'folder' is no file but a link"),
        (lambda b: os.mkfifo(b / "pipe"), "'pipe' is no file but a link, or something else"),
        (
            lambda b: (
                (b / "labels.txt").rename(b.parent / "labels.txt"),
                (b / "labels.txt").symlink_to("../labels.txt"),
            ),
            "'labels.txt' is no file but a link",
        ),
    ],
)
def test_what_was_changed_is_named(bundle, spoil, fault):
    spoil(bundle)
    assert any(each.startswith(fault) for each in file_faults(bundle, read_manifest(bundle)))


def test_of_too_many_files_or_bytes_not_all_are_read(bundle):
    for number in range(600):
        (bundle / f"{number}.txt").touch()
    faults = list(file_faults(bundle, read_manifest(bundle)))
    assert "there are more than 256 files" in faults
    rewritten(bundle, lambda m: m["files"]["labels.txt"].update(size=1 << 40))
    assert list(file_faults(bundle, read_manifest(bundle))) == [f"the manifest tells of more than {4 << 30} bytes"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[0].update(file="../outside.png"), "against enum"),
        (lambda rows: rows[0].update(probabilities=[1.0]), "against minItems"),
        (lambda rows: rows[0].update(probabilities=[0.5, 7, 0.5]), "against maximum 1"),
        (lambda rows: rows[0].update(answers={"age": 5}), "is no string"),
        (lambda rows: rows.clear(), "against minItems 1"),
    ],
)
def test_vectors_that_are_none_are_refused(bundle, change, said):
    rewritten(bundle, change, "vectors/expected.json")
    with pytest.raises(DermError, match=f"expected.json' has no test vectors .*{said}"):
        read_vectors(bundle, read_manifest(bundle))


def test_a_model_that_was_changed_is_given_to_nobody(bundle):
    changed_byte(bundle / "model.tflite")
    with pytest.raises(DermError, match=r"model.tflite' is not the file that the manifest of its bundle tells of"):
        models_of(bundle)
