"""``derm.train``: whom it tells of warnings and progress, and how it is stopped.

What it trains is held against the command's run where the page on Python is run (``tests/docs``).
"""

from __future__ import annotations

import warnings

import pytest

import derm_cli as derm
from tests.support import trees
from tests.support.commands import Place


def trained(place: Place, **options) -> derm.Run:
    """Train a tiny network for a moment in a place."""
    folders = {"data_folder": place.data, "runs_folder": place.runs, "cache_folder": place.root / "cache"}
    given = {
        "backbone": "tiny",
        "size": 32,
        "schedule": "linear-probe",
        "no_store": True,
        "baselines": False,
        "on_warning": str,
    }
    return derm.train(**{**given, **folders, **options})


def test_a_training_is_told_of_and_stopped_by_who_listens(tiny_backbone, place, capfd):
    """What a listener raises ends it, and it can be gone on with as after Ctrl-C."""
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    told: list[derm.ProgressReport] = []

    def stop_at_the_first_epoch(report: derm.ProgressReport) -> None:
        told.append(report)
        if report.epoch:
            raise KeyboardInterrupt

    with pytest.raises(derm.Interrupted, match=r"was interrupted: go on with 'derm --data \S+ .*train --resume "):
        trained(place, chain="pad-ufes-20", epochs=2, progress=stop_at_the_first_epoch)
    (epoch,) = [each.epoch for each in told if each.epoch]
    assert (epoch.epoch, epoch.epochs) == (0, 2)
    assert 0 <= epoch.accuracy <= 1
    assert any("…" in each.what for each in told), "what has no steps is told too"
    run = derm.find_run("latest", runs_folder=place.runs)
    assert run.status == "interrupted"
    assert capfd.readouterr() == ("", ""), "nothing is printed unasked"


OF_CALLERS = [
    ({"epochs": object}, "'epochs' is <class 'object'>, but must be text, a number, a path, or a list of such."),
    ({"settings": 3}, "'settings' is 3, but must be a file's path, or a mapping as derm.toml has."),
    ({"progress": 3}, "'progress' is 3, but must be a function, \"terminal\" or None."),
    ({"on_warning": 3}, "'on_warning' is 3, but must be a function or None."),
]


@pytest.mark.parametrize(("options", "sentence"), OF_CALLERS, ids=[each for _, each in OF_CALLERS])
def test_what_no_option_can_have_is_told_at_once(options, sentence, monkeypatch):
    monkeypatch.setattr("derm_cli.library.calls.carry_out", None)
    with pytest.raises(derm.RequestError) as caught:
        derm.train(target="pad-ufes-20", **options)
    assert str(caught.value) == sentence


def test_a_mistake_is_a_sentence_and_nothing_is_printed(capfd):
    with pytest.raises(derm.RequestError) as caught:
        derm.train(target="pad-ufes-20", epoch=3)  # type: ignore[call-arg]
    assert (str(caught.value), caught.value.exit_status) == (
        "derm.train has no option 'epoch'. Did you mean 'epochs'?",
        2,
    )
    assert capfd.readouterr() == ("", "")


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
