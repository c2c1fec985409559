"""Datasets read, decoded and checked: all that can be wrong, in files; and the real photographs."""

import csv
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from PIL import Image

from derm_cli.config import load
from derm_cli.data.ingesting import ingest
from derm_cli.data.preprocessing import heif
from derm_cli.data.records import read_records
from derm_cli.errors import RequestError
from derm_cli.plan import Preprocessing
from derm_cli.workflows.data.check import check_datasets
from derm_cli.workflows.session import Session
from tests.support import synthetic_photographs, trees

NUMBER = 16
"""How many ordinary photographs of each class there are."""


class Clinic:
    """A table of made photographs, in the layout of the reader csv."""

    def __init__(self, root):
        self.root, self.rows = root, []
        root.mkdir(parents=True)
        for number in range(2 * NUMBER):
            label = ("nevus", "melanoma")[number % 2]
            self.add(
                f"p{number}.png", synthetic_photographs.picture(number), label, patient_id=f"P{number}", fitzpatrick=6
            )

    def add(self, name, image=None, label="nevus", **columns):
        if isinstance(image, Image.Image):
            image.save(self.root / name, **columns.pop("options", {}))
        elif image is not None:
            (self.root / name).write_bytes(image)
        self.rows.append({"image": name, "label": label, **columns})

    def write(self):
        columns = dict.fromkeys(key for row in self.rows for key in row)
        with (self.root / "records.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(self.rows)


@pytest.fixture
def clinic(tmp_path):
    return Clinic(tmp_path / "data" / "clinic")


@pytest.fixture
def session(tmp_path):
    """A session whose data folder has the datasets 'clinic' (a table) and 'folder-of-mine' (a folder)."""
    settings = load({}, {"DERM_DATA": str(tmp_path / "data"), "DERM_CACHE": str(tmp_path / "cache")})
    datasets = {"clinic": {"reader": "csv"}, "folder-of-mine": {"reader": "folder"}}
    return Session(replace(settings, datasets=datasets))


def told(report):
    return {each.kind.name: [case.file for case in each.cases] for each in report.findings}


def test_ordinary_photographs_are_fit(clinic, session):
    clinic.write()
    report = check_datasets(session, ["clinic"])
    assert told(report) == {}
    assert report.verdict() == "Fit to train on: 32 of 32 photographs; nothing is amiss."
    assert report.fit
    assert report.strictly_fit


WRONG = {
    "empty-file": ("a.png", b""),
    "not-an-image": ("a.png", b"no image"),
    "damaged": ("a.png", "cut"),
    "animated": ("a.gif", "animated"),
    "far-too-small": ("a.png", synthetic_photographs.picture(90, (15, 80))),
    "far-too-large": ("a.png", "bomb"),
    "missing-file": ("a.png", None),
    "wrong-extension": ("a.png", "jpeg"),
    "cmyk": ("a.jpg", synthetic_photographs.picture(90).convert("CMYK")),
    "sixteen-bit": ("a.png", "sixteen"),
    "palette": ("a.png", synthetic_photographs.picture(90).convert("P")),
    "alpha": ("a.png", synthetic_photographs.see_through(90, 255)),
    "transparent": ("a.png", synthetic_photographs.see_through(90, 100)),
    "turned": ("a.jpg", "turned"),
    "small": ("a.png", synthetic_photographs.picture(90, (111, 200))),
    "grey": ("a.png", synthetic_photographs.picture(90).convert("L")),
    "blank": ("a.png", Image.new("RGB", (160, 120), "pink")),
    "dark": ("a.png", synthetic_photographs.picture(90).point(lambda level: level // 8)),
    "bright": ("a.png", synthetic_photographs.picture(90).point(lambda level: 230 + level // 12)),
    "copies": ("a.png", "copy"),
    "look-alikes": ("a.jpg", "look-alike"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_file_that_is_wrong_is_found_and_training_drops_it_for_the_same_reason(clinic, session, kind):
    name, content = WRONG[kind]
    path, made = clinic.root / name, synthetic_photographs.picture(90)
    clinic.add(name, None if isinstance(content, str) else content)
    if content == "cut":
        made.save(path)
        path.write_bytes(path.read_bytes()[:2500])
    elif content == "animated":
        made.save(path, save_all=True, append_images=[synthetic_photographs.picture(91)])
    elif content == "bomb":
        synthetic_photographs.write_png(path, 40_000, 40_000)
    elif content == "jpeg":
        made.save(path, "JPEG")
    elif content == "sixteen":
        synthetic_photographs.write_png(path, 160, 120, bits=16)
    elif content == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6
        made.save(path, exif=exif)
    elif content == "copy":
        shutil.copy(clinic.root / "p0.png", path)
    elif content == "look-alike":
        synthetic_photographs.picture(0).save(path, quality=70)
    clinic.write()
    report = check_datasets(session, ["clinic"])
    found = told(report)
    assert name in found[kind]
    extra = {"sixteen-bit": {"sixteen-bit", "look-alikes"}, "look-alikes": {"look-alikes"}}.get(kind, {kind})
    assert set(found) <= extra | {"blurred"}
    dropped = report.of("dropped")
    (dataset,) = report.datasets
    assert (dataset.usable, dataset.total) == (33 - len(dropped), 33)
    records = dataset.records
    trained = ingest(read_records(records.located), Preprocessing(size=64), session.settings.cache_folder).records
    assert trained.dropped.to_dict("records") == records.dropped.to_dict("records")
    assert [case.detail for each in dropped for case in each.cases] == records.dropped["reason"].tolist()


def test_what_tables_have_wrong_is_found(clinic, session):
    for number in (64, 65):
        clinic.add(f"{number}.png", synthetic_photographs.picture(number), case_id="twice", patient_id="Z")
    clinic.add("b.png", synthetic_photographs.picture(60), age=850, patient_id="X")
    clinic.add("c.png", synthetic_photographs.picture(61), lesion_id="L", patient_id="Y")
    clinic.add("d.png", synthetic_photographs.picture(62), "melanoma", lesion_id="L", patient_id="Y")
    synthetic_photographs.picture(63).save(clinic.root / "orphan.png")
    clinic.write()
    found = told(check_datasets(session, ["clinic"]))
    assert found == {
        "duplicate-id": ["65.png"],
        "contradicting-lesion": ["c.png", "d.png"],
        "impossible-value": ["b.png"],
        "orphan": ["orphan.png"],
    }


def test_one_photograph_under_two_classes_is_an_error_also_where_its_case_is_dropped(clinic, session):
    clinic.add("a.png", synthetic_photographs.picture(60), "nevus")
    for file, label in (("a.png", "melanoma"), ("a.png", "nevus"), ("p0.png", "nevus"), ("gone.png", "nevus")):
        clinic.add(file, None, label)
    clinic.add("gone.png", None, "melanoma")
    clinic.write()
    report = check_datasets(session, ["clinic"])
    found = {each.kind.name: each for each in report.findings}
    groups = [[(case.file, case.label) for case in group] for group in found["contradicting-copies"].groups]
    assert [("a.png", "nevus"), ("a.png", "melanoma")] in groups
    assert [("gone.png", "nevus"), ("gone.png", "melanoma")] in groups
    assert not report.fit
    assert "the same file under contradicting classes" in report.verdict()
    assert [case.file for case in found["duplicate-file"].cases] == ["a.png", "p0.png"]
    assert "duplicate-id" not in found


@pytest.mark.parametrize("name", ["clinic", "folder-of-mine"])
def test_photographs_in_formats_that_are_not_read_are_counted(clinic, session, tmp_path, name, monkeypatch):
    monkeypatch.setattr(heif, "heif_is_read", lambda: False)
    clinic.write()
    shutil.copytree(clinic.root, tmp_path / "data" / "folder-of-mine" / "nevus")
    (tmp_path / "data" / "folder-of-mine" / "nevus" / "records.csv").unlink()
    root = tmp_path / "data" / name / ("" if name == "clinic" else "nevus")
    for file in ("p0.cr2", "IMG_1.dng", "IMG_2.HEIC"):
        (root / file).write_bytes(b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + bytes(200))
    report = check_datasets(session, [name])
    unread = [str((root / file).relative_to(tmp_path / "data" / name)) for file in ("IMG_1.dng", "IMG_2.HEIC")]
    assert list(report.datasets[0].unread) == unread
    assert sorted(told(report)["unread-format"]) == unread
    assert not report.strictly_fit


def test_paths_that_are_not_quite_right_are_understood_or_what_is_near_is_named(clinic, session):
    (clinic.root / "more").mkdir()
    for number, file in enumerate(("more/a.png", "b.png", "more/c.png", "my d.png")):
        synthetic_photographs.picture(60 + number).save(clinic.root / file)
    for written in ("a.png", "clinic/b.png", "other/c.png", "my%20d.png"):
        clinic.add(written)
    clinic.write()
    report = check_datasets(session, ["clinic"])
    (finding,) = report.of("dropped")
    assert [(case.file, case.detail) for case in finding.cases] == [
        ("other/c.png", "the file is not there, is it 'more/c.png'?")
    ]
    files = report.datasets[0].records.frame["file"].tolist()
    assert {"more/a.png", "b.png", "my d.png"} <= set(files)
    assert report.datasets[0].records.dropped["reason"].tolist() == ["the file is not there"]


def test_a_path_out_of_the_folder_is_told_as_such(clinic, session):
    clinic.add("../a.png", None)
    clinic.write()
    assert told(check_datasets(session, ["clinic"])) == {"outside": ["../a.png"]}


def test_unknown_labels_and_empty_ids_of_a_publisher(session, tmp_path):
    root = trees.make_ham(tmp_path / "data" / "ham10000", per_class=3, size=120)
    table = next(root.glob("HAM10000_metadata*"))
    frame = pd.read_csv(table, dtype=str)
    frame.loc[0, "dx"], frame.loc[1, "image_id"], frame.loc[2, "age"] = "nvv", "", "321"
    frame.to_csv(table, index=False)
    report = check_datasets(session, ["ham10000"])
    found = {each.kind.name: each for each in report.findings}
    assert found["unknown-label"].detail == "'nvv' (1, is it 'nv'?)"
    assert len(found["empty-id"].cases) == 1
    assert [case.detail for case in found["impossible-value"].cases] == ["age '321'"]


def test_an_official_split_that_leaks(session, tmp_path):
    root = trees.make_edra(tmp_path / "data" / "edra", per_class=6, size=120)
    report = check_datasets(session, ["edra"])
    assert "official-split-leaks" not in told(report)
    photographs = sorted((root / "images" / "NEL").glob("Nel00[0-9].jpg"))
    shutil.copy(photographs[0], photographs[1])
    report = check_datasets(session, ["edra"])
    (leak,) = (each for each in report.findings if each.kind.name == "official-split-leaks")
    assert len(leak.cases) == 2
    assert {case.detail.split(",")[0] for case in leak.cases} == {"the same file"}
    assert not report.fit


def test_masks_that_cannot_be_used(session, tmp_path):
    root = trees.make_dermofit(tmp_path / "data" / "dermofit", per_class=3, size=120)
    masks = sorted(root.rglob("*mask.png"))
    assert "unusable-mask" not in told(check_datasets(session, ["dermofit"]))
    masks[0].write_bytes(b"")
    Image.new("L", (8, 8)).save(masks[1])
    report = check_datasets(session, ["dermofit"])
    (finding,) = (each for each in report.findings if each.kind.name == "unusable-mask")
    assert {case.case_id for case in finding.cases} == {path.name.removesuffix("mask.png") for path in masks[:2]}


def test_what_datasets_have_in_common(clinic, session, tmp_path):
    clinic.write()
    folder = tmp_path / "data" / "folder-of-mine"
    for place, label in enumerate(("nevus", "wart")):
        (folder / label).mkdir(parents=True)
        for number in range(NUMBER):
            synthetic_photographs.picture(200 + 50 * place + number).save(folder / label / f"{number}.png")
    shutil.copy(clinic.root / "p0.png", folder / "nevus" / "copy.png")
    shutil.copy(clinic.root / "p1.png", folder / "wart" / "copy.png")
    synthetic_photographs.picture(2).transpose(Image.Transpose.ROTATE_270).save(
        folder / "nevus" / "turned.jpg", quality=80
    )
    report = check_datasets(session, ["clinic", "folder-of-mine"])
    found = {each.kind.name: [[case.file for case in group] for group in each.groups] for each in report.findings}
    assert found["contradicting-copies"] == [["p1.png", "wart/copy.png"]]
    assert found["copies-across"] == [["p0.png", "nevus/copy.png"]]
    assert found["look-alikes-across"] == [["p2.png", "nevus/turned.jpg"]]
    assert report.verdict().startswith(
        "Not fit to train on as it is: the same file under contradicting classes (1 error"
    )
    assert "67 of 67 photographs (clinic 32, folder-of-mine 35)" in report.verdict()


def test_too_little_is_a_finding_not_an_end(session, tmp_path):
    folder = tmp_path / "data" / "folder-of-mine" / "nevus"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(b"no image")
    report = check_datasets(session, ["folder-of-mine"])
    assert set(told(report)) == {"too-little", "not-an-image", "empty-class"}
    assert report.datasets[0].usable == 0


def test_a_dataset_is_named_once(session):
    with pytest.raises(RequestError, match="'clinic' is named twice"):
        check_datasets(session, ["clinic", "folder-of-mine", "clinic"])


def test_both_real_datasets(session, real_data, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("pad-ufes-20", "ham10000"):
        (tmp_path / "data" / name).symlink_to(real_data / name)
    report = check_datasets(session, ["pad-ufes-20", "ham10000"])
    found = {each.kind.name: each for each in report.findings}
    assert [sorted(case.case_id for case in group) for group in found["copies"].groups] == [
        ["PAT_701_1321_156", "PAT_701_4056_457"]
    ]
    assert set(found) == {"copies", "shortcut", "tells-label", "alpha", "imbalance", "skin-tone"}
    assert "pad-ufes-20: 'sex', 'fitzpatrick', " in found["shortcut"].detail
    assert len(found["alpha"].cases) == 479
    assert [(each.usable, each.total) for each in report.datasets] == [(479, 479), (2387, 2387)]
    assert report.verdict() == (
        "Fit to train on: 2,866 of 2,866 photographs (pad-ufes-20 479, ham10000 2,387); 2 warnings, 6 notes."
    )
