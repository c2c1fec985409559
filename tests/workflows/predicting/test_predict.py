"""What a model is taken for, what is said of an older derm's, and that no answer is something that is no number."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.photographs import Photographs
from derm_cli.errors import DermError
from derm_cli.plugin import ExporterSpec
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from derm_cli.workflows.predicting.predict import is_artefact, load_predictor, predict, predictor_probabilities
from tests.support.artefact_files import made_facts

FACTS = made_facts()


class Predictor:
    """Answers what it was made with."""

    def __init__(self, values=(0.25, 0.75), **attributes):
        self.facts, self.values = FACTS, values
        vars(self).update(attributes)

    def __call__(self, photographs):
        return np.array([self.values] * len(photographs), np.float32)


def session_of(predictor, suffix=".made"):
    spec = ExporterSpec(name="made", title="Made", suffix=suffix, export=lambda *_: None, load=lambda _: predictor)
    return SimpleNamespace(registry=SimpleNamespace(all=lambda _: {"made": spec}))


@pytest.fixture
def files(tmp_path):
    model, photograph = tmp_path / "model.made", tmp_path / "photograph.png"
    model.touch()
    Image.new("RGB", (16, 16)).save(photograph)
    return model, photograph


@pytest.mark.parametrize("values", [(np.nan, 1), (np.inf, 0), (np.nan, np.nan)])
def test_what_is_no_number_is_never_an_answer(values, files):
    model, photograph = files
    with pytest.raises(DermError, match="gives probabilities that are no numbers"):
        predict(session_of(Predictor(values)), str(model), [photograph])
    photographs = Photographs(((np.zeros((1, 16, 16, 3), np.uint8), np.arange(1)),))
    with pytest.raises(DermError, match="gives probabilities that are no numbers"):
        predictor_probabilities(Predictor(values), photographs, "x")


def test_an_answer_is_what_the_predictor_said(files):
    model, photograph = files
    facts, (answer,) = predict(session_of(Predictor()), str(model), [photograph])
    assert facts == FACTS
    assert answer.probabilities == {"a": 0.25, "b": 0.75}


def photographs_of(tmp_path, count):
    """So many photographs, each of another brightness."""
    files = [tmp_path / f"{number}.png" for number in range(count)]
    for number, file in enumerate(files):
        Image.new("RGB", (16, 16), (number, number, number)).save(file)
    return files


class CountingThreads(Predictor):
    """Answers by the brightness of the one photograph that it is asked about; ``barrier`` holds each asker up."""

    def __init__(self, barrier=None, **attributes):
        super().__init__(**attributes)
        self.barrier, self.threads = barrier, set()

    def __call__(self, photographs):
        assert len(photographs) == 1
        self.threads.add(threading.current_thread())
        if self.barrier:
            self.barrier.wait(10)
        share = photographs[0, 0, 0, 0] / 256
        return np.array([[share, 1 - share]], np.float32)


def test_a_predictor_that_is_concurrent_is_asked_about_several_photographs_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("derm_cli.workflows.predicting.predict.usable_cores", lambda: 2)
    # Whoever is asked waits for two others: one after the other would never end.
    predictor = CountingThreads(threading.Barrier(3), is_concurrent=True)
    model = tmp_path / "model.made"
    model.touch()
    files = photographs_of(tmp_path, 9)
    _, answers = predict(session_of(predictor), str(model), files)
    assert len(predictor.threads) == 3
    assert [each.file for each in answers] == list(map(str, files))
    assert [each.probabilities["a"] for each in answers] == [number / 256 for number in range(9)]


def test_any_other_predictor_is_asked_by_one_thread(tmp_path):
    predictor, model = CountingThreads(), tmp_path / "model.made"
    model.touch()
    _, answers = predict(session_of(predictor), str(model), photographs_of(tmp_path, 9))
    assert predictor.threads == {threading.current_thread()}
    assert [each.probabilities["a"] for each in answers] == [number / 256 for number in range(9)]


SEALS = {
    "of a stranger's exporter, which does not tell": ({}, False),
    "wholly": ({"is_sealed": True}, False),
    "as an older derm did": ({"is_sealed": False}, True),
}


@pytest.mark.parametrize("how", SEALS)
def test_it_is_told_that_an_older_derm_s_file_is_sealed_otherwise(how, files, caplog):
    attributes, is_told = SEALS[how]
    load_predictor(session_of(Predictor(**attributes)), str(files[0]))
    assert ("has no seal over its facts and labels" in caplog.text) == is_told
    assert (f"derm export {FACTS.run}" in caplog.text) == is_told


def test_it_is_not_told_of_a_file_that_its_run_s_record_vouches_for(files, caplog, tmp_path):
    run = RunFolder(tmp_path)
    run.write(RunRecord(status="finished", request={}))
    run.seal("model.made")
    load_predictor(session_of(Predictor(is_sealed=False)), str(files[0]))
    assert caplog.text == ""
    files[0].write_text("another")
    with pytest.raises(DermError, match="was changed since run"):
        load_predictor(session_of(Predictor()), str(files[0]))


@pytest.mark.parametrize("place", [".", "a/b"])
def test_a_record_of_a_web_app_in_a_folder_above_does_not_matter(place, files, tmp_path):
    model = tmp_path / place / "model.made"
    model.parent.mkdir(parents=True, exist_ok=True)
    model.touch()
    for folder in (tmp_path, model.parent):
        (folder / "run.json").write_text('{"name": "an app", "files": {}}')
    assert load_predictor(session_of(Predictor()), str(model)).facts == FACTS


def test_letters_case_does_not_tell_suffixes_apart():
    assert is_artefact(session_of(Predictor(), suffix=".Made"), "model.made")
    assert is_artefact(session_of(Predictor()), "MODEL.MADE")
