"""A run leaves as a bundle, proved before it has its name; a failure leaves what was there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from derm_cli.config import load
from derm_cli.errors import DermError, RequestError
from derm_cli.plugin import ModelCheck, PackagerSpec, Verification
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.exporting import packing
from derm_cli.workflows.exporting.packing import pack
from derm_cli.workflows.session import Session
from tests.support import searching

pytestmark = pytest.mark.xdist_group("calibrated")


REPOSITORY = Path(__file__).parents[3]
PACKING = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from derm_cli.plugin import PackagerSpec
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.exporting import packing

def stop(moment):
    if moment == sys.argv[2]:
        print("ready", flush=True)
        time.sleep(60)

def pack(request, folder):
    stop("before it is written")
    (folder / "half").write_text("half")
    stop("while it is written")
    (folder / "whole").write_text("another")

def verify(folder, request):
    stop("while it is proved")
    return SimpleNamespace(passed=True)

spec = PackagerSpec(name="made", title="Made", marker="whole", pack=pack, verify=verify, models=pack)
packing.pack_request = lambda *_: None
packing.warning_of = lambda request: ""
packing._seal = lambda run, target: None
packing.refuse_bundle = lambda run: None
zipped, held = packing._zipped, packing.lease_held
packing._zipped = lambda folder, target: (zipped(folder, target), stop("while it is zipped"))[0]
packing.lease_held = lambda *given: (stop("before it gets its name"), held(*given))[1]
packing.pack(
    SimpleNamespace(registry=SimpleNamespace(get=lambda *_: spec)), RunFolder(Path(sys.argv[1])), "made", [],
    as_zip=sys.argv[2] == "while it is zipped",
)
"""
MOMENTS = (
    "before it is written",
    "while it is written",
    "while it is proved",
    "while it is zipped",
    "before it gets its name",
)


@pytest.fixture
def own(calibrated, tmp_path, place_in):
    """A copy of the run, with the same data, in a place of its own."""
    shutil.copytree(calibrated.folder, tmp_path / "runs" / calibrated.run)
    (tmp_path / "data").symlink_to(calibrated.place.data)
    return place_in(tmp_path)


@pytest.fixture
def exported(bundled):
    """A place with the run, the run, exported twice, and what was printed each time.  Look, but do not change it."""
    return bundled.place, RunFolder(bundled.folder), bundled.folder_said, bundled.zip_said


def test_a_bundle_is_a_folder_of_the_run_and_sealed_with_it(exported):
    _, run, printed, _ = exported
    (bundle,) = printed["bundles"]
    assert bundle["path"] == str(run / "bundle")
    files = {f"bundle/{path.relative_to(run / 'bundle').as_posix()}" for path in (run / "bundle").rglob("*.*")}
    assert files == {name for name in run.record.files if name.startswith("bundle/")}
    assert "bundle.zip" in run.record.files
    assert all(run.sealed(name) for name in files)
    assert not list(run.path.glob(".packing-*"))


def test_a_zip_has_the_files_of_a_folder_that_was_exported_before_in_the_same_bytes(exported):
    _, run, _, printed = exported
    assert str(run / "bundle.zip") in printed.splitlines()[-1]
    with zipfile.ZipFile(run / "bundle.zip") as archive:
        assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.namelist() == sorted(archive.namelist())
        for name in archive.namelist():
            assert archive.read(name) == (run / "bundle" / name).read_bytes(), name


def test_its_numbers_are_those_of_the_run(exported):
    _, run, _, _ = exported
    manifest = json.loads((run / "bundle" / "manifest.json").read_text())
    evaluation = json.loads((run / "evaluation.json").read_text())
    record = run.record
    assert manifest["run"]["id"] == run.id
    assert manifest["run"]["hashes"]["model"] == record.files["model.keras"]
    assert manifest["run"]["hashes"]["split"] == record.files["split.csv"]
    assert manifest["run"]["data"] == record.data
    assert manifest["temperature"]["value"] == evaluation["temperature"]["value"]
    assert [each["threshold"] for each in manifest["advice"]["rules"]] == [
        each["threshold"] for each in evaluation["referral"] if each["threshold"] is not None
    ]
    assert {each["name"]: each["severity"] for each in manifest["classes"]}["MEL"] == "malignant"
    assert manifest["versions"]["keras"] == record.environment["keras"]
    assert [each["name"] for each in manifest["licences"]["datasets"]] == ["pad-ufes-20"]
    assert manifest["warning"] == ""


def test_nothing_in_it_names_a_person_a_case_or_a_folder(exported):
    place, run, _, _ = exported
    cases = pd.read_csv(run / "split.csv", dtype=str)
    words = [str(place.root), str(place.data.resolve()), os.environ["HOME"]]
    words += cases["case_id"].tolist()[:50] + cases["file"].tolist()[:50]
    words += cases["group"].dropna().tolist()[:50]
    for path in (run / "bundle").rglob("*.*"):
        content = path.read_bytes()
        for word in words:
            assert not any(each in content for each in searching.encodings(word)), (path.name, word)


def test_titles_in_other_languages_are_files_of_their_own(own, calibrated, monkeypatch):
    titles = {"pt": ("um", "dois", "três", "quatro", "cinco", "seis")}
    for module in ("export", "packing"):
        monkeypatch.setattr(f"derm_cli.workflows.exporting.{module}.titles_in", lambda *_: titles)
    own.derm("export", calibrated.run, "--tflite", "--labels", "pt", "--bundle")
    bundle = own.runs / calibrated.run / "bundle"
    assert tuple((bundle / "labels-pt.txt").read_text().splitlines()) == titles["pt"]
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert tuple(each["titles"]["pt"] for each in manifest["classes"]) == titles["pt"]
    assert [each["file"] for each in manifest["models"]] == ["model.tflite"]


def session_with(own, spec) -> Session:
    settings = load({}, {"DERM_DATA": str(own.data), "DERM_RUNS": str(own.runs), "DERM_CACHE": str(own.root / "cache")})
    session = Session(settings)
    session.registry.all(PackagerSpec)[spec.name] = spec
    return session


def made_packager(verification=None, marker="marker.txt", writes="marker.txt"):
    def write(request, folder):
        (folder / writes).write_text(request.facts.run)

    return PackagerSpec(
        name="strange",
        title="Strange",
        marker=marker,
        pack=write,
        verify=lambda folder, request: verification or Verification(),
        models=lambda folder: (),
    )


FAILED = ModelCheck(
    model="m",
    variant="",
    runtime="r",
    source="s",
    photographs=1,
    max_difference=1,
    mean_difference=1,
    agreement=0,
    fault="it differs",
)


def test_a_stranger_s_packager_gets_the_run_s_facts_and_a_folder_of_its_name(own, calibrated):
    session, run = session_with(own, made_packager()), RunFolder(own.runs / calibrated.run)
    found = pack(session, run, "strange", [])
    assert found.path == run / "strange"
    assert (run / "strange" / "marker.txt").read_text() == calibrated.run
    assert pack(session, run, "strange", [], as_zip=True).path == run / "strange.zip"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (made_packager(Verification(faults=("it is broken",))), "is not written .it is broken."),
        (made_packager(Verification(checks=(FAILED,))), "is not written .it differs."),
        (made_packager(marker="another.txt"), "wrote no 'another.txt': report it"),
    ],
)
def test_what_is_not_proved_gets_no_name_and_what_was_there_stays(own, calibrated, spec, said):
    run = RunFolder(own.runs / calibrated.run)
    pack(session_with(own, made_packager()), run, "strange", [])
    before = run.record.files
    with pytest.raises(DermError, match=said):
        pack(session_with(own, spec), run, "strange", [])
    assert run.record.files == before
    assert [each.name for each in (run / "strange").iterdir()] == ["marker.txt"]
    assert not list(run.path.glob(".packing-*"))


def test_a_packing_that_is_killed_at_any_moment_leaves_nothing_behind(tmp_path):
    runs = {moment: tmp_path / str(number) for number, moment in enumerate(MOMENTS)}
    killed = []
    for moment, run in runs.items():
        (run / "made").mkdir(parents=True)
        (run / "made" / "whole").write_text("earlier")
        command = [sys.executable, "-c", PACKING, run, moment]
        killed.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY))
    for each, run in zip(killed, runs.values(), strict=True):
        assert each.stdout.readline() == "ready\n"
        assert len(list(run.iterdir())) == 2
        each.kill()
        each.communicate()
    until = time.monotonic() + 20
    while any(len(list(run.iterdir())) > 1 for run in runs.values()) and time.monotonic() < until:
        time.sleep(0.02)
    for moment, run in runs.items():
        left = [path.relative_to(run).as_posix() for path in sorted(run.rglob("*"))]
        assert left == ["made", "made/whole"], moment
        assert (run / "made" / "whole").read_text() == "earlier"


def test_an_earlier_bundle_s_files_are_forgotten(own, calibrated):
    run = RunFolder(own.runs / calibrated.run)
    pack(session_with(own, made_packager(writes="marker.txt")), run, "strange", [])
    assert "strange/marker.txt" in run.record.files
    spec = made_packager(marker="other.txt", writes="other.txt")
    pack(session_with(own, spec), run, "strange", [])
    assert {name for name in run.record.files if name.startswith("strange/")} == {"strange/other.txt"}
    assert [each.name for each in (run / "strange").iterdir()] == ["other.txt"]


def test_zip_without_a_packager_is_refused(own, calibrated):
    assert "--zip goes with --bundle alone" in own.refused("export", calibrated.run, "--onnx", "--zip", exit_status=2)


def test_non_commercial_data_are_said_first_in_the_terminal(own, calibrated, monkeypatch):
    monkeypatch.setattr(
        "derm_cli.workflows.exporting.licences.is_non_commercial", lambda licence: licence == "CC BY 4.0"
    )
    printed = own.derm("export", calibrated.run, "--tflite", "--bundle").stdout
    assert printed.startswith("Not for commercial use: trained on pad-ufes-20 (CC BY 4.0).")
    card = (own.runs / calibrated.run / "bundle" / "MODEL_CARD.md").read_text()
    assert re.match(r"# [^\n]*\n\n\*\*NOT FOR COMMERCIAL USE: trained on pad-ufes-20 \(CC BY 4\.0\)", card)


def test_a_file_that_is_no_photograph_is_named(tmp_path):
    (tmp_path / "x.png").write_text("x")

    class Predictor:
        class facts:  # noqa: N801
            answers, classes, preprocessing = None, (), None

    with pytest.raises(RequestError, match=r"x.png' cannot be read \(not an image\): leave it out"):
        packing.answers_from_files(Predictor(), [(tmp_path / "x.png", {})])
