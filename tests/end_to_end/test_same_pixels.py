"""A file gives the same pixels on every path: packed, trained on, evaluated, predicted from, and checked at export."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from derm_cli.config import load
from derm_cli.data.ingesting import ingest
from derm_cli.data.locating import locate
from derm_cli.data.packing.pack import pack
from derm_cli.data.photographs import Photographs
from derm_cli.data.preprocessing import read_photograph
from derm_cli.data.records import read_records
from derm_cli.plan import Plan, Preprocessing, Stage
from derm_cli.plugin import ArtefactFacts, DatasetSpec, LesionClass
from derm_cli.workflows.exporting.parity import reference_predictions
from derm_cli.workflows.predicting import predict as predicting
from derm_cli.workflows.predicting.predict import predict, predictor_probabilities
from tests.support import awkward_photographs

SIZE = 32
CLASSES = (LesionClass(name="MEL", title="melanoma"), LesionClass(name="NEV", title="nevus"))
RULES = [
    Preprocessing(
        size=SIZE, resize=resize, interpolation=interpolation, profile=profile, crop=crop, constancy=constancy
    )
    for resize, interpolation, profile, crop, constancy in itertools.product(
        ("squash", "letterbox", "crop"),
        ("nearest", "bilinear", "area"),
        ("srgb", "ignored"),
        ("none", "lesion"),
        ("none", "shades-of-grey"),
    )
]


class Capturing:
    """A predictor that keeps what it is asked about."""

    def __init__(self, rule: Preprocessing) -> None:
        self.facts = ArtefactFacts(
            run="made", classes=CLASSES, preprocessing=rule, backbone="made", target="clinic", made=True, derm="0"
        )
        self.seen: list[np.ndarray] = []

    def __call__(self, photographs: np.ndarray) -> np.ndarray:
        assert photographs.dtype == np.uint8
        self.seen.append(photographs.copy())
        return np.full((len(photographs), 2), 0.5, np.float32)

    @property
    def photographs(self) -> np.ndarray:
        return np.concatenate(self.seen)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, real_data):
    """A dataset of awkward made photographs and of some real ones; all but three have a mask."""
    root = tmp_path_factory.mktemp("clinic")
    awkward_photographs.make_photographs(root / "images")
    for path in [
        *sorted(real_data.glob("ham10000/**/*.jpg"))[::800],
        *sorted(real_data.glob("pad-ufes-20/images/**/*.png"))[::160],
    ]:
        shutil.copy(path, root / "images")
    rows = []
    for number, path in enumerate(sorted((root / "images").iterdir())):
        mask = "" if number % 7 == 3 else f"masks/{path.stem}-{path.suffix[1:]}.png"
        if mask:
            awkward_photographs.make_mask(path, root / mask)
        rows.append((f"case-{number}", f"images/{path.name}", CLASSES[number % 2].name, "Benign", mask))
    frame = pd.DataFrame(rows, columns=["case_id", "file", "label", "diagnosis", "mask"])
    spec = DatasetSpec(
        name="clinic",
        title="made clinic",
        classes=CLASSES,
        records=lambda _: frame.copy(),
        modality="clinical",
        **dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-"),
    )
    registry = SimpleNamespace(all=lambda _: {"clinic": spec}, get=lambda *_: spec)
    settings = load({"data": str(root.parent), "cache": str(root.with_name(f"{root.name}-cache"))}, {})
    place = replace(settings, datasets={**settings.datasets, "clinic": {"path": str(root), "reader": "clinic"}})
    return SimpleNamespace(
        root=root, frame=frame, session=SimpleNamespace(settings=place, registry=registry), spec=spec
    )


@pytest.fixture(scope="module")
def records(clinic):
    return read_records(locate("clinic", clinic.session.settings, clinic.session.registry))


@pytest.fixture(params=RULES, ids=lambda rule: f"{rule.text().replace(' ', '-')}")
def rule(request):
    return request.param


@pytest.fixture
def expected(clinic, records, rule):
    """What a file is when it is read alone, in the order of the records."""
    masks = [clinic.root / name if name else None for name in clinic.frame["mask"]]
    files = [clinic.root / name for name in clinic.frame["file"]]
    assert len(files) > 18
    return np.stack([read_photograph(file, rule, mask) for file, mask in zip(files, masks, strict=True)])


def test_a_file_gives_the_same_pixels_on_every_path(clinic, records, rule, expected, monkeypatch, capsys):
    ingested = ingest(records, rule, clinic.root / "cache")
    assert ingested.records.dropped.empty
    photographs = Photographs(((ingested.photographs, ingested.records.frame["row"].to_numpy()),))
    np.testing.assert_array_equal(photographs.take(np.arange(len(expected))), expected, err_msg="packed")
    np.testing.assert_array_equal(evaluated(rule, photographs), expected, err_msg="evaluated")
    np.testing.assert_array_equal(predicted(clinic, rule, monkeypatch), expected, err_msg="predicted")
    np.testing.assert_array_equal(checked(clinic, rule), expected, err_msg="checked at export")
    warned = capsys.readouterr().err
    assert ("are used whole, not cropped to the lesion: it has no mask (" in warned) == (rule.crop == "lesion")


def evaluated(rule, photographs):
    predictor = Capturing(rule)
    predictor_probabilities(predictor, photographs, "Predicting")
    return predictor.photographs


def predicted(clinic, rule, monkeypatch):
    """Ask about each file, with its mask where the model wants one."""
    predictor = Capturing(rule)
    monkeypatch.setattr(predicting, "load_predictor", lambda *_: predictor)
    for file, mask in zip(clinic.frame["file"], clinic.frame["mask"], strict=True):
        masks = [clinic.root / mask] if mask and rule.crop == "lesion" else []
        _, (answer,) = predict(clinic.session, "made", [clinic.root / file], masks)
        assert answer.reason is None
    return predictor.photographs


def checked(clinic, rule):
    """What an artefact is asked about at export: the test photographs, read from their files again."""
    folder = clinic.root / "run"
    folder.mkdir(exist_ok=True)
    frame = clinic.frame
    packed = pack([clinic.root / name for name in frame["file"]], rule, clinic.root / "cache", "made")
    split = frame[["case_id", "file", "label"]].assign(dataset="clinic", sha256=packed.contents, part="test")
    split.to_csv(folder / "split.csv", index=False)
    table = frame[["case_id", "label"]].assign(prediction="MEL", p_MEL=0.75, p_NEV=0.25)
    table.to_csv(folder / "predictions.csv", index=False)
    stage = Stage(name="clinic", datasets=("clinic",), classes=CLASSES, phases=())
    plan = Plan(backbone="made", weights=None, target="clinic", stages=(stage,), preprocessing=rule)
    run = SimpleNamespace(
        id="made",
        plan=plan,
        sealed=lambda name: folder / name,
        has_sealed=lambda name: (folder / name).is_file(),
    )
    return evaluated(rule, reference_predictions(clinic.session, run).photographs)


@pytest.mark.parametrize("resident", [True, False], ids=["whole", "by windows"])
def test_the_network_is_shown_those_pixels(clinic, records, resident):
    """What the engine's step looks up, before anything is augmented: numbers of 0 to 255."""
    from derm_cli.engine.feeding import Feed

    rule = Preprocessing(size=SIZE, resize="letterbox", interpolation="area", crop="lesion", constancy="shades-of-grey")
    ingested = ingest(records, rule, clinic.root / "cache")
    rows = ingested.records.frame["row"].to_numpy()[::-1]
    photographs = Photographs(((ingested.photographs, rows),))
    feed = Feed(photographs, 3, 10**9 if resident else 0, window_bytes=6 * SIZE * SIZE * 3)
    batches = np.arange(len(rows) // 3 * 3, dtype=np.int32).reshape(-1, 3)
    shown = np.concatenate([np.asarray(feed.layer(places)) for _, places in feed.rows(batches)])
    masks = [clinic.root / name if name else None for name in clinic.frame["mask"]]
    files = [clinic.root / name for name in clinic.frame["file"]]
    alone = [read_photograph(files[row], rule, masks[row]) for row in rows[: batches.size]]
    np.testing.assert_array_equal(shown, np.stack(alone))


def test_every_rule_gives_other_pixels(clinic, records):
    """No option is without effect: else the test above could not tell whether a path forgets it."""
    seen = {}
    for rule in RULES:
        found = ingest(records, rule, clinic.root / "cache").photographs.tobytes()
        assert seen.setdefault(found, rule) == rule
    assert len({rule.fingerprint() for rule in RULES}) == len(RULES) == len(seen)


def test_awkward_photographs_are_awkward(tmp_path):
    """Read without care, each is another photograph, but for those that are plain or that Pillow reads well itself."""
    rule = Preprocessing(size=SIZE)
    for path in awkward_photographs.make_photographs(tmp_path):
        with Image.open(path) as image:
            careless = np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.NEAREST))
        same = (careless == read_photograph(path, rule)).all()
        assert same == (path.name in ("plain.jpg", "inks.jpg", "damaged-profile.webp", "flat.png", "turned.tiff"))
