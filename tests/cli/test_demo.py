"""Synthetic photographs are called so wherever something comes of them."""

from __future__ import annotations

import json

from PIL import Image

from derm_cli.workflows import demo


def test_the_demo_is_the_chain_of_the_three_domains_with_few_epochs():
    request = demo.request()
    assert request.chain == ("imagenet", "synthetic-dermoscopy", "synthetic-clinic", "synthetic-phone")
    assert request.epochs == 1


def test_a_run_on_made_photographs_says_so_everywhere(place, monkeypatch, tmp_path):
    """The demo itself, made smaller: one of its datasets, one phase."""
    quick = {"chain": ("imagenet", "synthetic-phone"), "schedule": "linear-probe"}
    monkeypatch.setattr(demo, "request", lambda epochs, size: _replaced(epochs, size, quick))
    output = place.derm("demo", "--size", "32").stdout
    (run,) = [line["id"] for line in place.json("runs", "list")]
    told = ("SYNTHETIC", "sensitivity", "etter than frozen features", f"{run}/artefacts/model.tflite", "Time taken: ")
    for part in told:
        assert part in output
    assert output.index("SYNTHETIC") < output.index("sensitivity")
    assert place.json("runs", "list")[0]["synthetic"] is True
    assert "synthetic" in place.derm("runs", "list").stdout
    assert place.json("evaluate")["synthetic"] is True
    assert "SYNTHETIC" in place.derm("evaluate").stdout
    photograph = next((place.root / "cache" / "made").rglob("*.jpg"))
    artefact = place.runs / run / "artefacts" / "model.tflite"
    assert "SYNTHETIC" in place.derm("predict", artefact, photograph).stdout
    assert place.json("predict", artefact, photograph)["synthetic"] is True
    assert "SYNTHETIC" in place.derm("data", "check", "synthetic-phone").stdout
    assert "SYNTHETIC" in place.derm("train", "--chain", "synthetic-phone", "--dry-run").stdout
    assert json.loads((place.runs / run / "evaluation.json").read_text())["synthetic"] is True
    with Image.open(photograph) as image:
        assert "synthetic" in image.getexif()[0x010E]


def test_the_demo_as_json(place, monkeypatch):
    quick = {"chain": ("imagenet", "synthetic-phone"), "schedule": "linear-probe"}
    monkeypatch.setattr(demo, "request", lambda epochs, size: _replaced(epochs, size, quick))
    said = place.json("demo", "--size", "32")
    assert said["evaluation"]["synthetic"] is True
    assert said["seconds"] > 0
    (artefact,) = said["artefacts"]
    assert (place.runs / said["run"] / "artefacts" / "model.tflite").stat().st_size == artefact["size"]


def _replaced(epochs, size, changes):
    from dataclasses import replace

    return replace(REQUEST(epochs, size), **changes)


REQUEST = demo.request
