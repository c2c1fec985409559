"""``derm.train`` is ``derm train``: the same run to the bit, its progress and its warnings to whom the caller says."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from dataclasses import dataclass

import pytest

import derm_cli as derm
from derm_cli.files import sha256_of
from derm_cli.runs import layout
from tests.support.artefact_files import entries_of


@dataclass
class Trained:
    """A run that Python trained as the command had trained the run ``by_command``, and what it told meanwhile."""

    by_command: str
    run: derm.Run
    told: list[derm.ProgressReport]


@pytest.fixture(scope="module")
def trained(finished, tmp_path_factory) -> Trained:
    """In a copy of the place of the shared run, whose ledger and salt it has: what the command printed is not there."""
    place, run = finished
    copy = tmp_path_factory.mktemp("trained") / "runs"
    shutil.copytree(place.runs, copy)
    told: list[derm.ProgressReport] = []
    trained = derm.train(
        backbone="effnet-lite0",
        chain=["imagenet"],
        target="pad-ufes-20",
        size=32,
        epochs=5,
        schedule="linear-probe",
        recipe="paper",
        head_rate=0.02,
        no_augment=True,
        no_store=True,
        data_folder=place.data,
        runs_folder=copy,
        cache_folder=place.root / "cache",
        settings={},
        progress=told.append,
        on_warning=lambda _: None,
    )
    return Trained(run, trained, told)


def test_the_bits_are_the_command_s(trained, finished):
    place, run = finished
    for name in (layout.PLAN, layout.SPLIT, layout.PREDICTIONS):
        assert sha256_of(trained.run.path / name) == sha256_of(place.runs / run / name), name
    weights = [
        hashlib.sha256(entries_of(folder / layout.MODEL)["model.weights.h5"]).hexdigest()
        for folder in (trained.run.path, place.runs / run)
    ]
    assert weights[0] == weights[1]
    assert trained.run.evaluation == json.loads((place.runs / run / layout.EVALUATION).read_text())


def test_a_run_tells_of_itself(trained):
    assert trained.run.status == "finished"
    assert trained.run.id == trained.run.path.name != trained.by_command
    assert [each.name for each in trained.run.plan.classes]
    assert derm.find_run("latest", runs_folder=trained.run.path.parent).path == trained.run.path


def test_progress_is_told_as_it_goes(trained):
    epochs = [each.epoch for each in trained.told if each.epoch]
    assert [each.epoch for each in epochs] == [0, 1, 2, 3, 4]
    assert all(0 <= each.accuracy <= 1 for each in epochs)
    assert any(each.total and 0 < each.done <= each.total for each in trained.told if not each.epoch)
    assert any("…" in each.what for each in trained.told), "what has no steps is told too"


def test_nothing_is_printed(trained, capfd):
    with pytest.raises(derm.RequestError, match="Did you mean 'epochs'"):
        derm.train(epoch=3)  # type: ignore[call-arg]
    assert capfd.readouterr() == ("", "")


MISTAKES = [
    ({"epoch": 3}, "derm.train has no option 'epoch'. Did you mean 'epochs'?"),
    ({"target": "a", "epochs": "three"}, "'epochs' is 'three', but is wrong: 'three' is not a valid integer."),
    ({"target": "a", "epochs": 2.5}, "'epochs' is 2.5, but must be a whole number, as in epochs = 3."),
    ({"target": "a", "epochs": 0}, "--epochs is '0', but must be "),
    ({"target": "a", "crop": "square"}, "'crop' is 'square', but is wrong: "),
    ({"target": "a", "baselines": "perhaps"}, "'baselines' is 'perhaps', but "),
    ({"target": "a", "backbone": "effnet-lite"}, "There is no backbone 'effnet-lite'. Did you mean "),
    ({"target": "pad-ufes-2"}, "There is no dataset 'pad-ufes-2'. Did you mean 'pad-ufes-20'?"),
    ({"target": "a", "epochs": object}, "'epochs' is <class 'object'>, but must be text, a number, a path, or a list"),
    ({"target": "a", "folds": 5}, "derm.train does not take 'folds': several runs are a study"),
    ({"target": "a", "json": True}, "derm.train does not take 'json': derm prints nothing for Python"),
    ({"target": "a", "dry_run": True}, "derm.train does not take 'dry_run': 'derm train --dry-run' prints the plan"),
    ({}, "The chain is empty: name datasets by --chain, or a folder by --target, as in"),
    ({"resume": "none", "epochs": 3}, "'--epochs' cannot be given with --resume or --repeat"),
    ({"resume": "none"}, "There is no run 'none' in "),
    ({"target": "a", "settings": {"dat": "x"}}, "'settings': there is no setting 'dat'. Did you mean 'data'?"),
    ({"target": "a", "settings": {"train": {"epoch": 1}}}, "'derm train' has no option 'epoch'. Did you mean 'epochs'"),
    ({"target": "a", "settings": 3}, "'settings' is 3, but must be a file's path, or a mapping as derm.toml has."),
    ({"target": "a", "progress": 3}, "'progress' is 3, but must be a function, \"terminal\" or None."),
    ({"target": "a", "on_warning": 3}, "'on_warning' is 3, but must be a function or None."),
]


@pytest.mark.parametrize(("options", "sentence"), MISTAKES, ids=[each for _, each in MISTAKES])
def test_a_mistake_is_a_sentence(options, sentence):
    with pytest.raises(derm.DermError) as caught:
        derm.train(**options)
    assert str(caught.value).startswith(sentence) or sentence in str(caught.value)


def test_derm_toml_and_variables_give_defaults(own_home, monkeypatch):
    """As for the command: arguments over variables over derm.toml."""
    (own_home / "work" / "derm.toml").write_text('[train]\nepochs = 0\ntarget = "a"\n')
    for given, number in (({}, 0), ({"settings": {"train": {"epochs": -1, "target": "a"}}}, -1), ({"epochs": -2}, -2)):
        with pytest.raises(derm.RequestError, match=f"--epochs is '{number}'"):
            derm.train(**given)
    monkeypatch.setenv("DERM_TRAIN_EPOCHS", "-3")
    with pytest.raises(derm.RequestError, match="--epochs is '-3'"):
        derm.train()


def test_warnings_are_python_s_or_the_caller_s(monkeypatch):
    monkeypatch.setenv("DERM_TRAIN_EPOCH", "3")
    sentence = "the environment variable 'DERM_TRAIN_EPOCH' gives no option of 'derm train'."
    with pytest.raises(derm.RequestError), pytest.warns(derm.DermWarning, match=sentence) as caught:
        derm.train()
    assert caught[0].filename == __file__, "told in the line of the caller"
    heard: list[str] = []
    with warnings.catch_warnings(), pytest.raises(derm.RequestError):
        warnings.simplefilter("error")
        derm.train(on_warning=heard.append)
    assert [each for each in heard if each.startswith(sentence)]
