"""Artefacts in the programs that use them: without a training framework, and in the phones' older runtime."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mobile_export.specs import TFLITE

REPOSITORY = Path(__file__).parents[4]

HEAVY = {"tensorflow", "keras", "tf2onnx", "pandas", "sklearn"}


def test_listing_the_exporters_imports_nothing_heavy():
    program = (
        "import sys, mobile_export\nassert len(mobile_export.derm_exporters()) == 3\n"
        f"print(sorted({HEAVY | {'numpy', 'onnx', 'onnxruntime', 'ai_edge_litert'}!r} & set(sys.modules)))"
    )
    assert _printed([sys.executable, "-c", program]) == "[]\n"


LOADING = """
import sys
from pathlib import Path
import numpy as np
from mobile_export import derm_exporters

path = Path(sys.argv[1])
(spec,) = (each for each in derm_exporters() if each.suffix == path.suffix)
for row in spec.load(path)(np.load(sys.argv[2])):
    print(*row)
assert not {HEAVY} & set(sys.modules)
""".replace("{HEAVY}", repr(HEAVY))


@pytest.mark.parametrize("name", ["tflite", "onnx"])
def test_answering_needs_no_training_framework(name, artefacts, network, photographs, tmp_path):
    found = _answers([sys.executable, "-c", LOADING], artefacts[name], photographs, tmp_path)
    np.testing.assert_allclose(found, network.predict(photographs.astype("float32"), verbose=0), atol=1e-5)


CLIENT = """
import sys
import numpy as np
from tflite_runtime.interpreter import Interpreter

interpreter = Interpreter(sys.argv[1])
interpreter.allocate_tensors()
(entry,), (answer,) = interpreter.get_input_details(), interpreter.get_output_details()
for photograph in np.load(sys.argv[2]):
    interpreter.set_tensor(entry["index"], photograph[None])
    interpreter.invoke()
    print(*interpreter.get_tensor(answer["index"])[0])
"""


def python_with(folder, *packages):
    """Return a Python with ``packages``, in an environment of its own."""
    uv, python = Path(sys.executable).with_name("uv"), folder / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", python, *packages], check=True)
    return python


@pytest.fixture(scope="session")
def older_runtime(tmp_path_factory):
    """tflite-runtime 2.14 needs NumPy 1."""
    return python_with(tmp_path_factory.mktemp("older") / "env", "tflite-runtime==2.14", "numpy<2", "pluggy")


@pytest.fixture(scope="session")
def mediapipe(tmp_path_factory):
    """MediaPipe brings OpenCV and sound, which derm does not need."""
    return python_with(tmp_path_factory.mktemp("mediapipe") / "env", "mediapipe==1.2.3")


CLASSIFIER = """
import json
import sys
import mediapipe
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

options = vision.ImageClassifierOptions(
    base_options=BaseOptions(model_asset_path=sys.argv[1]), display_names_locale=sys.argv[3], max_results=-1
)
answers = []
with vision.ImageClassifier.create_from_options(options) as classifier:
    for photograph in np.load(sys.argv[2]):
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=photograph)
        (head,) = classifier.classify(image).classifications
        answers.append([[each.index, each.category_name, each.display_name, each.score] for each in head.categories])
print(json.dumps(answers))
"""


def test_mediapipe_s_classifier_unmodified_names_the_classes(mediapipe, artefacts, network, photographs, tmp_path):
    np.save(tmp_path / "photographs.npy", photographs)
    command = [mediapipe, "-c", CLASSIFIER, artefacts["tflite"], tmp_path / "photographs.npy", "en"]
    answers = json.loads(_printed(command))
    names = [(0, "NEV", "Class NEV"), (1, "MEL", "Class MEL"), (2, "é", "Class é")]
    assert all(sorted(map(tuple, (each[:3] for each in answer))) == names for answer in answers)
    found = [[score for *_, score in sorted(answer)] for answer in answers]
    np.testing.assert_allclose(found, network.predict(photographs.astype("float32"), verbose=0), atol=1e-5)


VARIANTS = ("none", "float-input", "float16", "dynamic", "int8", "int16x8", "int8-float-input")


@pytest.mark.parametrize("name", VARIANTS)
def test_it_reads_each_variant_and_gives_titles_in_the_language_asked_for(
    name, mediapipe, variants, photographs, tmp_path
):
    np.save(tmp_path / "photographs.npy", photographs[:6])
    answers = json.loads(_printed([mediapipe, "-c", CLASSIFIER, variants[name], tmp_path / "photographs.npy", "pt"]))
    names = [(0, "NEV", "nevo"), (1, "MEL", "melanoma"), (2, "é", "outro")]
    assert all(sorted(map(tuple, (each[:3] for each in answer))) == names for answer in answers)
    found = [[score for *_, score in sorted(answer)] for answer in answers]
    # Another build of the runtime computes on whole numbers, and rounds them otherwise.
    expected = TFLITE.load(variants[name])(photographs[:6])
    np.testing.assert_allclose(found, expected, atol=0.02 if name.startswith(("int", "dynamic")) else 1e-5)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="tflite-runtime has no wheel for Python 3.12 and later")
@pytest.mark.parametrize("program", [CLIENT, LOADING], ids=["an app's few lines", "derm's own predictor"])
def test_the_phones_older_runtime_gives_the_same_answers(
    program, older_runtime, artefacts, network, photographs, tmp_path
):
    found = _answers([older_runtime, "-c", program], artefacts["tflite"], photographs, tmp_path)
    np.testing.assert_allclose(found, network.predict(photographs.astype("float32"), verbose=0), atol=1e-5)


def _answers(command, artefact, photographs, folder):
    np.save(folder / "photographs.npy", photographs)
    printed = _printed([*command, artefact, folder / "photographs.npy"])
    return np.array([[float(part) for part in line.split()] for line in printed.splitlines()])


def _printed(command):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
