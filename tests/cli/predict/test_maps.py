"""``derm predict --map`` and ``derm evaluate --photographs`` with a run on real photographs."""

from __future__ import annotations

import base64
import io
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from derm_cli.data.preprocessing import read_photograph
from derm_cli.evaluation.reporting.plots.class_map_overlay import GAP, PANEL, TEXT
from derm_cli.plan import Preprocessing

pytestmark = pytest.mark.xdist_group("maps")

SIZE, PER_CLASS = 64, 8
RULE = Preprocessing(size=SIZE)
FIGURE = re.compile(r'<img src="data:image/jpeg;base64,([^"]+)" alt="([^"]+)">')


@pytest.fixture(scope="module")
def trained(place_in, tmp_path_factory, real_data):
    """A run on eight photographs of each class of PAD-UFES-20, of as many patients, and its artefacts."""
    place = place_in(tmp_path_factory.mktemp("maps"))
    source, root = real_data / "pad-ufes-20", place.data / "pad-ufes-20"
    frame = pd.read_csv(source / "metadata.csv", dtype=str, keep_default_na=False)
    chosen = frame.drop_duplicates("patient_id").groupby("diagnostic").head(PER_CLASS)
    root.mkdir(parents=True)
    chosen.to_csv(root / "metadata.csv", index=False)
    files = {path.name: path for path in (source / "images").rglob("*.png")}
    for name in chosen["img_id"]:
        target = root / files[name].relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(files[name])
    run = place.train(
        "imagenet,pad-ufes-20", "--size", str(SIZE), "--epochs", "10", "--head-rate", "0.01", "--no-augment"
    )["run"]
    place.json("export", run, "--keras")
    return place, run


@pytest.fixture
def photographs(trained):
    """Two test photographs of the run."""
    place, run = trained
    split = pd.read_csv(place.runs / run / "split.csv")
    return [place.data / "pad-ufes-20" / file for file in split.loc[split["part"] == "test", "file"][:2]]


def panels(path, lines=1):
    """Return the photograph, at its own size, and what stands to its right, as a picture has them."""
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.info == {}
        pixels = np.asarray(image)
    times = -(-PANEL // SIZE)
    top, width = GAP + lines * (TEXT + 8), times * SIZE
    left = pixels[top : top + width, GAP : GAP + width]
    return left[::times, ::times], pixels[top : top + width, 2 * GAP + width : 2 * (GAP + width)]


def pictures_of(page):
    """Return the captions of a page's photographs, each with its three panels."""
    found = {}
    for address, caption in FIGURE.findall(page):
        with Image.open(io.BytesIO(base64.b64decode(address))) as image:
            assert not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            assert image.size == (3 * SIZE, SIZE)
            found[caption] = np.split(np.asarray(image).astype(int), 3, axis=1)
    return found


def test_the_picture_has_the_pixels_that_the_network_saw(trained, photographs, tmp_path):
    place, run = trained
    file = tmp_path / "new" / "out.png"
    (answer,) = place.json("predict", run, photographs[0], "--map", file)["answers"]
    (alone,) = place.json("predict", run, photographs[0])["answers"]
    assert answer == alone | {"map": str(file)}
    left, right = panels(file)
    np.testing.assert_array_equal(left, read_photograph(photographs[0], RULE))
    assert np.ptp(right.astype(int).sum(axis=2)) > 100
    assert [path.name for path in file.parent.iterdir()] == ["out.png"]


def test_without_a_run_it_is_the_default_one(trained, photographs, tmp_path):
    place, run = trained
    printed = place.derm("predict", *photographs, "--map", tmp_path).stdout
    assert printed.startswith(f"Run {run}\n")
    alone = place.derm("predict", photographs[0], "--map", tmp_path / "out.png").stdout
    assert str(photographs[0]) in alone
    assert str(photographs[1]) not in alone
    assert (tmp_path / "out.png").read_bytes() == (tmp_path / f"{photographs[0].stem}-map.png").read_bytes()
    named = place.json("predict", run, *photographs)
    assert place.json("predict", *photographs) == named
    assert place.json("predict", place.runs / run, *photographs) == named
    said = place.derm("predict", tmp_path / "none.jpg", exit_status=1).stderr
    assert "none.jpg' is not answered" in said
    for model in (run, place.runs / run, place.runs / run / "model.keras"):
        assert "no photograph is named" in place.refused("predict", model, exit_status=2)
    assert "There is no run 'other'" in place.refused("predict", "other", *photographs, exit_status=2)


def test_a_keras_artefact_draws_what_the_run_draws(trained, photographs, tmp_path):
    place, run = trained
    for name, model in (("run", run), ("artefact", place.runs / run / "artefacts" / "model.keras")):
        place.derm("predict", model, photographs[0], "--map", tmp_path / f"{name}.png")
    assert (tmp_path / "run.png").read_bytes() == (tmp_path / "artefact.png").read_bytes()


def test_another_class_has_another_map(trained, photographs, tmp_path):
    place, run = trained
    (answer,) = place.json("predict", run, photographs[0], "--map", tmp_path / "said.png")["answers"]
    said = answer["prediction"]
    other = next(name for name in answer["probabilities"] if name != said)
    for name in (said, other):
        place.derm("predict", run, photographs[0], "--map", tmp_path / f"{name}.png", "--map-class", name)
    assert (tmp_path / f"{said}.png").read_bytes() == (tmp_path / "said.png").read_bytes()
    (left, right), (same, another) = panels(tmp_path / "said.png"), panels(tmp_path / f"{other}.png", lines=2)
    np.testing.assert_array_equal(left, same)
    assert (right != another).any()


def test_several_photographs_are_drawn_into_a_folder(trained, photographs, tmp_path):
    """Also two of one name, and one that cannot be read, which has no picture."""
    place, run = trained
    again = tmp_path / "again" / photographs[0].name
    again.parent.mkdir()
    shutil.copy(photographs[1], again)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photograph")
    asked = [*photographs, again, broken]
    done = place.derm("predict", run, *asked, "--map", tmp_path / "maps", exit_status=1)
    one, other = (photograph.stem for photograph in photographs)
    names = [f"{one}-map.png", f"{other}-map.png", f"{one}-map-2.png"]
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == sorted(names)
    for photograph, name in zip(asked, names, strict=False):
        np.testing.assert_array_equal(panels(tmp_path / "maps" / name)[0], read_photograph(photograph, RULE))
        line = next(line for line in done.stdout.splitlines() if line.startswith(str(photograph)))
        assert line.endswith(name)
    assert f"'{broken}' is not answered" in done.stderr


def test_what_cannot_be_drawn_is_said_in_a_sentence(trained, photographs, tmp_path):
    place, run = trained
    one, other = photographs
    phone = tmp_path / "model.tflite"
    phone.write_bytes(b"not looked at")
    for options, said in (
        ((run, one, other, "--map", tmp_path / "a.png"), "a.png' is one picture for 2 photographs: name a folder"),
        ((run, one, "--map", tmp_path / "a.jpg"), "a.jpg' is no PNG: name a file that ends in .png, or a folder"),
        ((run, one, "--map", one), "which derm reads and does not change: name another"),
        ((run, one, "--map-class", "MEL"), "--map-class 'MEL' goes with --map alone"),
        ((run, one, "--map", tmp_path / "a.png", "--map-class", "MLE"), "no class 'MLE' for --map-class. Did you mean"),
        (
            (phone, one, "--map", tmp_path / "a.png"),
            "answers with probabilities alone, so --map cannot be drawn: name the run that it is of, or its model",
        ),
    ):
        assert said in place.refused("predict", *options, exit_status=2)
    assert list(tmp_path.iterdir()) == [phone]
    assert one.is_symlink()


def test_a_map_of_one_place_is_warned_of(finished, tmp_path):
    place, run = finished
    photograph = next(place.data.rglob("*.png"))
    said = place.derm("predict", run, photograph, "--map", tmp_path / "a.png").stderr
    assert f"a class map of run '{run}' has one place alone" in said
    assert (tmp_path / "a.png").exists()


def test_the_page_shows_the_photographs_that_were_judged(trained, tmp_path):
    place, run = trained
    place.derm("evaluate", run, "--draws", "0", "--report", tmp_path / "page.html", "--photographs")
    found = pictures_of((tmp_path / "page.html").read_text())
    split = pd.read_csv(place.runs / run / "split.csv").set_index("case_id")
    test = pd.read_csv(place.runs / run / "predictions.csv").set_index("case_id")
    assert len(found) == len(test)
    for caption, (photograph, said, other) in found.items():
        case = caption.partition(": ")[0]
        pixels = read_photograph(place.data / "pad-ufes-20" / split.loc[case, "file"], RULE).astype(int)
        # JPEG is near, no more.
        assert np.abs(photograph - pixels).mean() < 12, caption
        assert (np.abs(said - other) > 40).any(), caption
        row = test.loc[case]
        assert f"predicted {row['prediction']} ({row['p_' + row['prediction']]:.0%})" in caption
        assert (", correct;" in caption) == (row["label"] == row["prediction"])
        if row["label"] != row["prediction"]:
            assert f"but is {row['label']} ({row['p_' + row['label']]:.0%})" in caption


def test_photographs_of_another_dataset(trained, real_data, tmp_path):
    place, run = trained
    source, root = real_data / "ham10000", place.data / "ham10000"
    frame = pd.read_csv(source / "HAM10000_metadata.csv", dtype=str).groupby("dx").head(2)
    files = {path.stem: path for path in source.rglob("*.jpg")}
    for name in frame["image_id"]:
        target = root / files[name].relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(files[name])
    frame.to_csv(root / "HAM10000_metadata.csv", index=False)
    page = tmp_path / "page.html"
    judged = place.json("evaluate", run, "--data", "ham10000", "--draws", "0", "--report", page, "--photographs")
    found = pictures_of(page.read_text())
    assert 0 < len(found) == judged["cases"]
    paths = {path.stem: path for path in root.rglob("*.jpg")}
    for caption, (photograph, *_) in found.items():
        pixels = read_photograph(paths[caption.partition(": ")[0]], RULE).astype(int)
        assert np.abs(photograph - pixels).mean() < 12, caption


def test_a_photograph_that_is_not_the_one_that_was_judged_is_not_shown(trained, photographs, tmp_path):
    place, run = trained
    one, other = photographs
    kept = one.readlink()
    one.unlink()
    asked = ("evaluate", run, "--draws", "0", "--report", tmp_path / "page.html", "--photographs")
    try:
        assert f"its test photograph '{one}' is gone or changed. Put dataset" in place.refused(*asked)
        shutil.copy(other, one)
        said = place.refused(*asked)
        assert said.startswith(f"Error: --photographs cannot show run '{run}': its test photograph '{one}' is gone or")
    finally:
        one.unlink(missing_ok=True)
        one.symlink_to(kept)
    assert not (tmp_path / "page.html").exists()
