"""``derm benchmark`` as it is typed: the table, JSON, the commands for a phone, and what it refuses in a sentence."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from derm_cli.cli import cli
from derm_cli.files import sha256_of
from derm_cli.taxonomy import LesionClass
from mobile_export.tools.benchmark import asking
from tests.support.artefact_files import made_facts
from tests.support.made_bundles import make_bundle
from tests.support.mean_colour_onnx import write_onnx
from tests.support.mean_colour_tflite import write_tflite

FACTS = made_facts(classes=tuple(LesionClass(name=name, title=name) for name in ("nevus", "melanoma", "other")))
SHORT = ("--runs", "3", "--threads", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with one artefact of each format, and a bundle around the ONNX file, as folder and as zip."""
    place = tmp_path_factory.mktemp("benchmark")
    write_tflite(place / "model.tflite", FACTS)
    bundle = make_bundle(place / "bundle", write_onnx(place / "model.onnx", FACTS), FACTS)
    with zipfile.ZipFile(place / "bundle.zip", "w") as archive:
        for path in bundle.rglob("*"):
            archive.write(path, path.relative_to(bundle).as_posix())
    return place


def run(folder: Path, *arguments: Any) -> Any:
    given = ["--runs", str(folder / "runs"), "--cache", str(folder / "cache"), "benchmark", *map(str, arguments)]
    return CliRunner().invoke(cli, given)


def found(folder: Path, *arguments: Any) -> list[dict[str, Any]]:
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["models"]


def test_each_file_is_measured_in_its_runtime_on_each_number_of_threads(folder):
    tflite, onnx = found(folder, folder / "model.tflite", folder / "model.onnx", "--runs", 4, "--threads", "1,2,1")
    for model, name, runtime in ((tflite, "model.tflite", "litert"), (onnx, "model.onnx", "onnxruntime")):
        assert (model["file"], model["size"]) == (name, (folder / name).stat().st_size)
        assert model["sha256"] == sha256_of(folder / name)
        assert [(each["runtime"], each["threads"]) for each in model["measurements"]] == [(runtime, 1), (runtime, 2)]
        for each in model["measurements"]:
            assert 0 < each["median"] <= each["p95"]
            assert each["load"] > 0
            assert each["first"] > 0
            # The process has Python, NumPy and the runtime; of this network there are some kilobytes.
            assert each["memory"] < each["peak"] < 2 << 30


def test_without_threads_it_is_one_and_all_cores(folder, monkeypatch):
    monkeypatch.setattr("mobile_export.tools.benchmark.command.usable_cores", lambda: 3)
    (model,) = found(folder, folder / "model.tflite", "--runs", 1)
    assert [each["threads"] for each in model["measurements"]] == [1, 3]


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_bundle_is_measured_as_folder_and_as_zip(folder, name):
    (model,) = found(folder, folder / name, *SHORT)
    assert (model["file"], len(model["measurements"])) == ("model.onnx", 1)


def test_the_table_fits_and_the_commands_for_a_phone_are_marked(folder):
    result = run(folder, folder / "model.tflite", folder / "model.onnx", *SHORT)
    assert result.exit_code == 0, result.output
    above, below = result.output.split("(not run here):")
    assert max(map(len, above.splitlines())) <= 100
    assert "litert, 1 thread" in above
    assert "onnxruntime, 1 thread" in above
    commands = below.split("\n    ")[1:]
    assert commands[0].split()[:2] == ["adb", "push"]
    assert "--graph=/data/local/tmp/model.tflite --num_threads=1 --num_runs=3" in commands[1]
    assert len(commands) == 2


def test_an_older_runtime_is_measured_where_it_was_installed_before(folder, tmp_path, monkeypatch):
    from mobile_export.bundle import runtimes

    older = runtimes.RUNTIMES["tflite-runtime"]
    place = runtimes._environment(older, tmp_path / "cache" / "runtimes")
    place.joinpath("bin").mkdir(parents=True)
    place.joinpath(".ready").write_text(" ".join(older.packages))
    asked = []

    def noted(command, **_):
        asked.append(command[0])
        return _figures()

    monkeypatch.setattr(asking.subprocess, "run", noted)
    result = CliRunner().invoke(
        cli, ["--cache", str(tmp_path / "cache"), "benchmark", str(folder / "model.tflite"), *SHORT]
    )
    assert result.exit_code == 0, result.output
    assert str(place / "bin" / "python") in asked
    assert len(asked) == 2


def _figures() -> Any:
    figures = {"load": 1, "first": 1, "steady": [1], "peak": 2, "before": 1}
    return asking.subprocess.CompletedProcess([], 0, stdout=json.dumps(figures), stderr="")


def test_what_is_no_model_is_said_in_a_sentence(folder, tmp_path):
    (tmp_path / "notes.txt").write_text("no model")
    damaged = tmp_path / "model.tflite"
    damaged.write_bytes((folder / "model.tflite").read_bytes()[:-70] + b"0" * 70)
    changed = tmp_path / "bundle"
    make_bundle(changed, write_onnx(tmp_path / "model.onnx", FACTS), FACTS)
    (changed / "model.onnx").write_bytes(b"another")
    for arguments, status, said in (
        (["nothing"], 2, "There is no bundle 'nothing'"),
        ([tmp_path / "notes.txt"], 2, "is no model that phones run"),
        ([damaged], 1, "is damaged"),
        ([changed], 1, "'model.onnx' is not the file that its manifest.json tells of"),
        ([folder / "model.onnx", "--threads", "0"], 2, "'0' are no numbers of threads"),
        ([folder / "model.onnx", "--threads", "two"], 2, "'two' are no numbers of threads"),
        ([folder / "model.onnx", "--runs", "0"], 2, "--runs"),
    ):
        result = run(folder, *arguments)
        assert result.exit_code == status, result.output
        assert said in result.output
        assert "Traceback" not in result.output


def test_a_link_out_of_a_bundle_is_not_followed(folder, tmp_path):
    bundle = make_bundle(tmp_path / "bundle", folder / "model.onnx", FACTS)
    (bundle / "model.onnx").unlink()
    (bundle / "model.onnx").symlink_to(folder / "model.onnx")
    result = run(folder, bundle)
    assert result.exit_code == 1
    assert "'model.onnx' is not there" in result.output


def test_what_is_known_of_its_answers_stands_beside_it(folder, tmp_path):
    record = {
        "artefacts": {
            "onnx": {
                "path": "artefacts/model.onnx",
                "photographs": 40,
                "agreement": 0.975,
                "recall": [
                    {"name": "nevus", "before": 0.5, "after": 0.75},
                    {"name": "melanoma", "before": 0.9, "after": 0.88},
                ],
            }
        },
        "files": {"artefacts/model.onnx": sha256_of(folder / "model.onnx")},
    }
    place = tmp_path / "runs" / FACTS.run
    place.mkdir(parents=True)
    (place / "run.json").write_text(json.dumps(record))
    result = run(tmp_path, folder / "model.onnx", *SHORT)
    assert "97.5%  -2.0 melanoma" in result.output


def test_names_cannot_command_a_terminal_or_a_phone(folder, tmp_path):
    path = write_tflite(tmp_path / "a;reboot \x1b[2J.tflite", FACTS)
    result = run(folder, path, *SHORT)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "--graph=/data/local/tmp/a_reboot" in result.output
