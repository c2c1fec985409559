"""Synthetic photographs are called so wherever something comes of them."""

from __future__ import annotations

import json
from dataclasses import replace

from PIL import Image

from derm_cli.plan import NO_VIEWS
from derm_cli.plugin.registry import Registry
from derm_cli.workflows import demo


def test_the_demo_is_the_default_recipe_on_the_chain_of_the_three_domains_with_few_epochs():
    request = demo.request(Registry())
    assert request.chain == ("imagenet", "synthetic-dermoscopy", "synthetic-clinic", "synthetic-phone")
    assert (request.recipe, request.schedule, request.epochs) == ("strong", "upper", demo.EPOCHS)
    assert request.splitting.validation_share == demo.VALIDATION_SHARE
    assert request.recipe_text == "strong with --size 96 --epochs 2 --validation-share 0.25"


def test_a_run_on_made_photographs_says_so_everywhere(place, monkeypatch):
    """The demo itself, made smaller: one of its datasets, one phase."""
    monkeypatch.setattr(demo, "request", lambda *asked: replace(REQUEST(*asked), **QUICK))
    monkeypatch.setattr(demo, "demonstrate", lambda *asked: DONE.append(DEMONSTRATE(*asked)) or DONE[-1])
    result = place.derm("demo", "--size", "32", "--epochs", "1")
    output = result.stdout
    assert "which takes about 2 minutes on two cores, and 0.1 GB of disk" in result.stderr
    (run,) = [line["id"] for line in place.json("runs", "list")]
    told = (
        "SYNTHETIC",
        "sensitivity",
        "etter than frozen features",
        f"{run}/artefacts/model.tflite",
        "Time taken: ",
        "Report: ",
    )
    for part in told:
        assert part in output
    assert output.splitlines()[-1].startswith("Next: derm predict ")
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
    monkeypatch.setattr(demo, "demonstrate", lambda *_: DONE[-1])
    said = place.json("demo")
    assert (said["run"], said["evaluation"]["synthetic"]) == (run, True)
    assert said["seconds"] > 0
    assert [each["size"] for each in said["artefacts"]] == [artefact.stat().st_size]
    thresholds = {level["name"]: level["threshold"] for level in said["evaluation"]["referral"]}
    assert thresholds["now"] is not None, "enough patients are kept for a promise"
    assert thresholds["soon"] is not None


REQUEST, DEMONSTRATE = demo.request, demo.demonstrate
DONE: list[demo.Demonstration] = []
QUICK = {
    "chain": ("imagenet", "synthetic-phone"),
    "schedule": "linear-probe",
    "phase_options": (),
    "views": NO_VIEWS,
    "pooling": "mean",
    "focus": 1.0,
}
