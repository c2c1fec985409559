"""Keyword arguments are read as the commands read their words: the same defaults, checks and sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derm_cli import config
from derm_cli.errors import DermError, RequestError
from derm_cli.library import work
from derm_cli.workflows.session import Session

CHAIN = {"chain": ["imagenet", "pad-ufes-20"]}
MISTAKES: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("train", (), {"epoch": 3}, "derm.train has no option 'epoch'. Did you mean 'epochs'?"),
    ("train", (), CHAIN | {"epochs": "three"}, "'epochs' is 'three', but is wrong: 'three' is not a valid integer."),
    ("train", (), CHAIN | {"epochs": 2.5}, "'epochs' is 2.5, but must be a whole number, as in epochs = 3."),
    ("train", (), CHAIN | {"epochs": True}, "'epochs' is True, but must be a whole number, as in epochs = 3."),
    ("train", (), CHAIN | {"epochs": 0}, "--epochs is '0', but must be "),
    ("train", (), CHAIN | {"crop": "square"}, "'crop' is 'square', but is wrong: 'square' is not one of "),
    ("train", (), CHAIN | {"baselines": 3}, "'baselines' is 3, but must be 'true' or 'false'."),
    ("train", (), CHAIN | {"backbone": "effnet-lite"}, "There is no backbone 'effnet-lite'. Did you mean "),
    ("train", (), CHAIN | {"schedule": "ful"}, "There is no schedule 'ful'. Did you mean 'full'?"),
    ("train", (), {"target": "pad-ufes-2", "chain": "imagenet"}, "There is no dataset 'pad-ufes-2'. Did you mean "),
    ("train", (), {"chain": ["imagenet", "ham1000"]}, "There is no dataset 'ham1000'. Did you mean 'ham10000'?"),
    ("train", (), {}, "The chain is empty: name datasets by --chain, or a folder by --target, as in"),
    (
        "train",
        (),
        CHAIN | {"folds": 5},
        "derm.train does not take 'folds': several runs are a study, as in derm.study(",
    ),
    ("train", (), CHAIN | {"json": True}, "derm.train does not take 'json': derm prints nothing for Python; "),
    ("train", (), CHAIN | {"dry_run": True}, "derm.train does not take 'dry_run': 'derm train --dry-run' prints the"),
    ("train", (), {"resume": "none", "epochs": 3}, "'--epochs' cannot be given with --resume or --repeat"),
    ("train", (), {"resume": "none"}, "There is no run 'none' in "),
    ("train", (), {"resume": "a", "repeat": "b"}, "--resume 'a' and --repeat 'b' exclude each other: give one."),
    ("evaluate", ("none",), {}, "There is no run 'none' in "),
    ("evaluate", (None,), {"draw": 3}, "derm.evaluate has no option 'draw'. Did you mean 'draws'?"),
    ("evaluate", (None,), {"all": True}, "derm.evaluate does not take 'all': derm prints nothing for Python; "),
    ("evaluate", (None,), {"refer_at": [0.9]}, "'refer_at' is [0.9], but must be a list of 2, as in "),
    ("evaluate", (None,), {"refer_at": [0.9, 0.8]}, "--refer-at '0.9' is above '0.8': "),
    ("evaluate", ("x",), {"of_run": "y"}, "--run 'y' goes with an artefact or a bundle: name the run alone."),
    ("evaluate", ("x",), {"predictions": "nowhere.csv"}, "Run 'x' and --predictions 'nowhere.csv' exclude"),
    ("evaluate", (None,), {"photographs": True}, "--photographs goes with --report, and with a run: "),
    ("predict", (None, ["a.jpg"]), {"map_class": "MEL"}, "--map-class 'MEL' goes with --map alone."),
    ("predict", (None, ["a.jpg"]), {"answr": {"age": 3}}, "derm.predict has no option 'answr'. Did you mean 'answer'"),
    ("predict", ("model.tflit", ["a.jpg"]), {}, "'model.tflit' is neither a photograph nor a model that derm knows"),
    ("export", (None, ["tflit"]), {}, "There is no format 'tflit'. Did you mean 'tflite'?"),
    ("export", (None, []), {}, "No format is asked for: give one or more of --"),
    ("export", (None, ["tflite"]), {"tflite_level": 3}, "derm.export has no option 'tflite_level'."),
    ("study", ("nothing",), {}, "There is no built-in study 'nothing', and a file's name ends with .toml."),
    ("study", ({"option": {}},), {}, "A study has no key 'option'. Did you mean 'options'?"),
    ("study", ({},), {"worker": 2}, "derm.study has no option 'worker'. Did you mean 'workers'?"),
    ("study", ({},), {"set": {"epoch": 2}}, "the command: 'derm train' has no option 'epoch'. Did you mean 'epochs'?"),
]


def session(**settings) -> Session:
    """Return the session of a call in an empty folder, with settings such as derm.toml has."""
    return Session(config.load({}, {}, settings))


@pytest.mark.parametrize(("name", "arguments", "options", "sentence"), MISTAKES, ids=[each[-1] for each in MISTAKES])
def test_a_mistake_is_the_command_s_sentence(name, arguments, options, sentence):
    with pytest.raises(RequestError) as caught:
        getattr(work, name)(session(), {}, *arguments, options=options)
    assert str(caught.value).startswith(sentence)


def test_arguments_win_over_variables_and_these_over_derm_toml(monkeypatch):
    settings = {"train": {"epochs": -1, "chain": ["imagenet", "pad-ufes-20"]}}
    for variable, given, told in ((None, {}, -1), (-2, {}, -2), (-2, {"epochs": -3}, -3)):
        if variable:
            monkeypatch.setenv("DERM_TRAIN_EPOCHS", str(variable))
        with pytest.raises(RequestError, match=f"--epochs is '{told}'"):
            work.train(session(**settings), {}, options=given)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"dat": "x"}, "'settings': there is no setting 'dat'. Did you mean 'data'?"),
        ({"train": {"epoch": 1}}, "derm.toml: 'derm train' has no option 'epoch'. Did you mean 'epochs'?"),
        ({"trai": {}}, "derm.toml: there is no command for the table [trai]. Did you mean 'train'?"),
    ],
)
def test_settings_are_checked_as_derm_toml_is(settings, sentence):
    with pytest.raises(DermError) as caught:
        work.train(session(**settings), {}, options=CHAIN)
    assert str(caught.value) == sentence


def test_options_that_exporters_have_of_their_own_are_keyword_arguments(monkeypatch):
    """Those that a command has from specs are found as its own are."""
    given: dict[str, object] = {}
    monkeypatch.setattr("derm_cli.cli.export.exported", lambda ctx, **asked: (given.update(asked), [], []))
    work.export(session(), {}, None, ["bundle", "onnx"], options={"quantize": ["float16", "int8"], "labels": "pt"})
    flags = given["flags"]
    assert isinstance(flags, dict)
    assert [name for name, value in flags.items() if value] == ["to_onnx", "pack_bundle"]
    assert (given["quantize"], given["labels"]) == (("float16", "int8"), ("pt",))


def test_a_file_is_not_overwritten_unasked(tmp_path: Path):
    """As by the command: what derm did not write stays."""
    (tmp_path / "page.html").write_text("mine")
    with pytest.raises(RequestError, match=r"page\.html"):
        work.evaluate(session(runs=str(tmp_path)), {}, None, options={"report": str(tmp_path / "page.html")})
    assert (tmp_path / "page.html").read_text() == "mine"
