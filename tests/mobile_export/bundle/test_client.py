"""The reference client reads, asks and advises as derm does, with nothing of derm beside it."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.facts import facts_of
from derm_cli.data.preprocessing import UnreadablePhotograph, open_photograph, read_photograph
from derm_cli.data.quality import QUALITY_FAULTS, quality_asked
from derm_cli.phase_options import Component
from derm_cli.plan import Preprocessing
from derm_cli.plugin.registry import Registry
from derm_cli.workflows.predicting.views import softmax_of_mean, views_of
from mobile_export.bundle import client
from mobile_export.specs import ONNX, TFLITE
from tests.support.awkward_photographs import draw, make_photographs

SOURCE = Path(client.__file__)
RULES = [
    Preprocessing(size=37, resize=resize, interpolation=way, profile=profile, constancy=constancy)
    for resize, way, profile, constancy in (
        ("squash", "nearest", "srgb", "none"),
        ("squash", "area", "ignored", "none"),
        ("letterbox", "bilinear", "srgb", "shades-of-grey"),
        ("letterbox", "nearest", "ignored", "none"),
        ("crop", "area", "srgb", "none"),
        ("crop", "bilinear", "ignored", "shades-of-grey"),
    )
]


@pytest.fixture(scope="module")
def awkward(tmp_path_factory) -> list[Path]:
    """One file of each kind, and those that derm's own reading tells apart beside these."""
    folder = tmp_path_factory.mktemp("awkward")
    files = make_photographs(folder)
    levels = np.asarray(draw(20).convert("L"))
    more = {
        "wide-type.tiff": Image.fromarray(levels.astype(np.int32)),
        "floats.tiff": Image.fromarray(levels.astype(np.float32) * 100),
        "bits.png": draw(21).convert("1"),
        "palette-alpha.png": draw(22, 4).quantize(20),
        "tall.jpg": draw(23).resize((20, 500)),
        "square.png": draw(24).resize((37, 37)),
    }
    for name, image in more.items():
        image.save(folder / name)
    return [*files, *(folder / name for name in more)]


@pytest.mark.parametrize("rule", RULES, ids=Preprocessing.text)
def test_it_reads_each_kind_of_image_as_derm_does(awkward, rule):
    for path in awkward:
        pixels, _ = client.read(path, asdict(rule))
        assert np.array_equal(pixels, read_photograph(path, rule)), path.name


def test_it_reads_real_photographs_as_derm_does(real_data):
    files = sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:4]
    files += sorted(real_data.joinpath("ham10000").rglob("*.jpg"))[:4]
    assert len(files) == 8
    for path, rule in zip(files, [*RULES, *RULES], strict=False):
        assert np.array_equal(client.read(path, asdict(rule))[0], read_photograph(path, rule)), path.name


@pytest.mark.parametrize("size", [16, 700])
def test_it_finds_the_faults_that_the_data_check_finds(awkward, tmp_path, size):
    asked, found = quality_asked(size), set()
    dark, blurred, blank = draw(1).point(lambda v: v // 8), draw(2).resize((4, 3)).resize((300, 200)), draw(3)
    blank.paste((90, 80, 70), (0, 0, *blank.size))
    for number, image in enumerate((dark, blurred, blank, draw(4).point(lambda v: 230 + v // 10))):
        image.save(tmp_path / f"{number}.png")
    for path in (*awkward, *sorted(tmp_path.iterdir())):
        with open_photograph(path) as image:
            facts = facts_of(path, image)
        faults = client.faults(client.read(path, asdict(RULES[0]))[1], asked)
        # What is blank is not sharp either: the data check says but one of it.
        expected = {name for name, is_so in QUALITY_FAULTS.items() if is_so(facts)}
        if "blank" in expected:
            assert "blank" in faults
        elif not facts.profile:
            assert set(faults) - {"small"} == expected, path.name
        assert ("small" in faults) == (min(facts.width, facts.height) < max(16, size // 2))
        found |= expected
    assert found == {"dark", "blurred", "blank", "bright"}


def test_it_encodes_answers_as_derm_does(facts_with_answers, packed_with_answers):
    encoding = facts_with_answers.answers
    questions = json.loads((packed_with_answers / "manifest.json").read_text())["questions"]
    for answers in ({}, {"age": "71"}, {"age": "0", "bleed": "yes"}, {"bleed": "no", "site": "torso"}):
        known = {name: float(text) if name == "age" else text for name, text in answers.items()}
        np.testing.assert_allclose(client.encode(questions, answers)[0], encoding.encode(known), atol=1e-6)


@pytest.mark.parametrize("name", ["none", "flips", "dihedral"])
@pytest.mark.parametrize("file", ["model.tflite", "model.onnx"])
def test_it_answers_by_views_as_derm_does(bundle, awkward, name, file):
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["views"]["name"] = name
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    model, predictor = client.Model(bundle, file), {".tflite": TFLITE, ".onnx": ONNX}[file[5:]].load(bundle / file)
    views = views_of(Registry(), Component(name=name))
    for path in awkward[:6]:
        photograph = read_photograph(path, predictor.facts.preprocessing)[None]
        answers = [predictor(np.ascontiguousarray(view(photograph))) for view in views]
        expected = softmax_of_mean([np.log(np.maximum(each, 1e-38)) for each in answers])[0]
        found = [*model.answer(path, {})["probabilities"].values()]
        np.testing.assert_allclose(found, answers[0][0] if name == "none" else expected, atol=1e-6)


@pytest.mark.parametrize(
    ("melanoma", "faults", "advice"),
    [(0.3, [], "now"), (0.25, [], "now"), (0.2, [], "soon"), (0.05, [], "not"), (0.9, ["blurred"], "retake")],
)
def test_the_advice_is_that_of_the_first_rule_that_holds(packed, awkward, monkeypatch, melanoma, faults, advice):
    model = client.Model(packed)
    monkeypatch.setattr(model, "_network", lambda image: np.array([[0.95 - melanoma, melanoma, 0.05]]))
    monkeypatch.setattr(client, "faults", lambda *_: faults)
    found = model.answer(awkward[0], {})
    assert (found["advice"], found["faults"]) == (advice, faults)
    assert found["text"].endswith(".")


def test_what_is_no_number_is_no_answer(packed, awkward, monkeypatch):
    model = client.Model(packed)
    monkeypatch.setattr(model, "_network", lambda image: np.array([[np.nan, 0.5, 0.5]]))
    with pytest.raises(SystemExit, match="with what is no number"):
        model.answer(awkward[0], {})


def test_a_model_that_was_cut_short_is_handed_to_no_runtime(bundle):
    content = (bundle / "model.tflite").read_bytes()
    (bundle / "model.tflite").write_bytes(content[: len(content) // 2])
    with pytest.raises(SystemExit, match=r"'model.tflite' is not the file that the manifest tells of"):
        client.Model(bundle, "model.tflite")


def test_it_is_short_and_needs_nothing_but_numpy_pillow_and_a_runtime():
    source = SOURCE.read_text()
    assert len(source.splitlines()) < 150
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else each.name).split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for each in node.names
    }
    assert imported - set(sys.stdlib_module_names) == {"numpy", "PIL"}
    assert set(re.findall(r'"(ai_edge_litert|tflite_runtime|onnxruntime)"', source)) == {
        *("ai_edge_litert", "tflite_runtime", "onnxruntime")
    }


@pytest.mark.parametrize(
    ("packages", "runtime"), [(("ai-edge-litert", "pillow"), "litert"), (("onnxruntime", "pillow"), "onnxruntime")]
)
def test_run_py_answers_as_derm_does_where_there_is_nothing_else(
    packed_with_answers, awkward, real_data, tmp_path, packages, runtime
):
    uv, python = Path(sys.executable).with_name("uv"), tmp_path / "bare" / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, tmp_path / "bare"], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", python, *packages], check=True)
    moved = shutil.copytree(packed_with_answers, tmp_path / "elsewhere")
    files = [*awkward, *sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:3]]
    command = [python, "-I", moved / "run.py", *files, "--answer", "age=71", "--answer", "bleed=yes"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    spec = TFLITE if runtime == "litert" else ONNX
    predictor = spec.load(moved / f"model{spec.suffix}")
    vector = predictor.facts.answers.encode({"age": 71.0, "bleed": "yes"})[None]
    for path, found in zip(files, json.loads(done.stdout), strict=True):
        expected = predictor(read_photograph(path, predictor.facts.preprocessing)[None], vector)[0]
        assert found["file"] == str(path)
        np.testing.assert_allclose([*found["probabilities"].values()], expected, atol=1e-5)
        assert {"faults", "advice", "text"} < found.keys()


def test_run_py_says_that_it_cannot_crop_to_a_lesion(bundle, awkward):
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["preprocessing"]["crop"] = "lesion"
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    command = [sys.executable, bundle / "run.py", awkward[0]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = "The model learnt from photographs cut out around the lesion: let it fill the picture.\n"
    assert done.stderr.startswith(said)


@pytest.mark.parametrize(("option", "value"), [("--model", "model.keras"), ("--runtime", "tflite-runtime")])
def test_run_py_says_what_to_install(bundle, awkward, option, value):
    command = [sys.executable, bundle / "run.py", awkward[0], option, value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("install ai-edge-litert or onnxruntime.\n")


SAID = {
    "missing.jpg": "No such file",
    "folder.jpg": "Is a directory",
    "notes.jpg": "cannot identify image file",
    "empty.png": "cannot identify image file",
    "script.eps": "cannot identify image file",
    "cut.jpg": "image file is truncated",
    "bomb.png": "exceeds limit of 178956970 pixels",
    "tiny.png": "(8, 40) pixels are too few",
    "pages.gif": "it has several pages",
}
"""What is said of files that are no photographs, by their names."""


@pytest.fixture
def spoilt(tmp_path) -> list[Path]:
    """What is no photograph."""
    paths = {name: tmp_path / name for name in SAID}
    paths["folder.jpg"].mkdir()
    paths["notes.jpg"].write_text("no photograph")
    paths["empty.png"].touch()
    draw(1).save(paths["cut.jpg"])
    paths["cut.jpg"].write_bytes(paths["cut.jpg"].read_bytes()[:-300])
    # Of one bit a pixel and one colour: 20 kB.
    Image.new("1", (15_000, 12_000)).save(paths["bomb.png"])
    draw(2).resize((8, 40)).save(paths["tiny.png"])
    draw(3).save(paths["pages.gif"], save_all=True, append_images=[draw(4)])
    draw(5).save(paths["script.eps"])
    return [*paths.values()]


def test_run_py_names_each_file_that_derm_refuses_too_and_answers_the_others(bundle, awkward, spoilt):
    for path in spoilt:
        with pytest.raises(UnreadablePhotograph), open_photograph(path):
            pytest.fail(path.name)
    done = _run(bundle, awkward[0], *spoilt, awkward[1])
    assert done.returncode == 1
    assert [each["file"] for each in json.loads(done.stdout)] == [str(awkward[0]), str(awkward[1])]
    said = [line for line in done.stderr.splitlines() if "is not answered" in line]
    for line, path in zip(said, spoilt, strict=True):
        assert line.startswith(f"'{path}' is not answered (")
        assert SAID[path.name] in line
        assert line.endswith("): give a photograph that is whole, such as a JPEG or PNG.")
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


@pytest.mark.parametrize(
    "answers",
    [{"age": text} for text in ("age", "", "old", "nan", "inf", "-1", "121", "1e400")]
    + [{"site": "moon"}, {"bleed": "maybe"}, {"bleed": ""}, {"colour": "red"}, {"": ""}],
)
def test_it_refuses_what_answers_no_question(packed_with_answers, answers):
    questions = json.loads((packed_with_answers / "manifest.json").read_text())["questions"]
    ((name, answer),) = answers.items()
    said = f"'{name}={answer}' answers none of the model's questions: leave it out, or give one of {{'age': [0"
    with pytest.raises(SystemExit, match=re.escape(said)):
        client.encode(questions, answers)


@pytest.mark.parametrize(
    ("given", "quoted"), [("age", "age=age"), ("age=", "age="), ("colour=red", "colour=red"), ("", "=")]
)
def test_run_py_refuses_an_answer_in_one_sentence(packed_with_answers, awkward, given, quoted):
    done = _run(packed_with_answers, awkward[0], "--answer", given)
    (said,) = [line for line in done.stderr.splitlines() if "answers none" in line]
    assert said.startswith(f"'{quoted}' answers none of the model's questions: leave it out")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr


def test_any_answer_is_refused_where_the_model_asks_nothing():
    with pytest.raises(SystemExit, match="'age=71' answers none of the model's questions: leave it out"):
        client.encode(None, {"age": "71"})


def _run(bundle, *arguments):
    command = [sys.executable, bundle / "run.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
