"""A bundle of a made network, and photographs with what derm answers about them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.runtimes.asking import CLIENT, AskedBundle
from derm_cli import config
from derm_cli.plan import Preprocessing
from derm_cli.plugin import CheckedPhotograph
from derm_cli.workflows.predicting.predict import predict
from derm_cli.workflows.session import Session
from mobile_export.bundle.runtimes import CLIENT as CLIENT_SOURCE
from tests.support.artefact_files import made_facts
from tests.support.awkward_photographs import draw
from tests.support.made_bundles import make_bundle
from tests.support.made_onnx import write_artefact


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> AskedBundle:
    folder = tmp_path_factory.mktemp("asked")
    files = []
    for number in range(3):
        files.append(folder / f"{number}.png")
        draw(number).save(files[-1])
    facts = made_facts(preprocessing=Preprocessing(size=32, interpolation="area"))
    onnx = write_artefact(folder / "model.onnx", facts)
    bundle: Path = make_bundle(folder / "bundle", onnx, facts)
    shutil.copy(CLIENT_SOURCE, bundle / CLIENT)
    _, answers = predict(Session(config.load({})), str(onnx), files)
    photographs = tuple(
        CheckedPhotograph(path=file, probabilities=tuple(answer.probabilities.values()), label="a")
        for file, answer in zip(files, answers, strict=True)
    )
    assert len({each.probabilities for each in photographs}) == len(files)
    return AskedBundle(bundle, photographs, folder / "cache")
