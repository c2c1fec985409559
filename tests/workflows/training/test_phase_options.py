"""``--phase``: every option, every wrong value."""

from __future__ import annotations

from dataclasses import fields

import pytest

from derm_cli.errors import RequestError
from derm_cli.phase_options import Component, PhaseOptions
from derm_cli.plan import Phase
from derm_cli.workflows.training.phase_options import COMPONENTS as COMPONENT_OPTIONS
from derm_cli.workflows.training.phase_options import OPTIONS, with_phase_options
from tests.support.tiny_network import COMPONENTS, phase_options

NAMES = ("head", "head+block2", "head+block1")
PHASES = tuple(Phase(name=name, blocks=(), epochs=3, head_rate=1e-4, block_rate=1e-5) for name in NAMES)


def changed(*assignments: str) -> tuple[Phase, ...]:
    return with_phase_options(PHASES, assignments, COMPONENTS)


def option(phase: Phase, name: str) -> object:
    return getattr(phase if hasattr(phase, name) else phase.options, name)


def test_every_field_of_a_phase_has_its_option():
    wanted = {"epochs", "head_rate", "block_rate"} | {each.name for each in fields(PhaseOptions)}
    assert {name.replace("-", "_") for name in (*OPTIONS, *COMPONENT_OPTIONS)} == wanted


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("epochs=5", 5),
        ("head-rate=0.01", 0.01),
        ("block-rate=1e-3", 1e-3),
        ("depth-decay=0.8", 0.8),
        ("scale=0.5", 0.5),
        ("dropout=0.5", 0.5),
        ("clip-norm=1", 1.0),
        ("early-stopping=2", 2),
        ("best-epoch=on", True),
        ("best-epoch=off", False),
        ("augment=off", False),
        ("annealing=constant", Component(name="constant")),
        ("annealing=cosine", Component(name="cosine", options={"over": "phase"})),
        ("loss=focal", Component(name="focal", options={"gamma": 2.0})),
        ("loss=focal:gamma=1", Component(name="focal", options={"gamma": 1.0})),
        ("sampler=natural", Component(name="natural")),
        ("targets=smoothed:share=0.2", Component(name="smoothed", options={"share": 0.2})),
        ("average=ema:decay=0.9,ramp=on", Component(name="ema", options={"decay": 0.9, "ramp": True})),
    ],
)
def test_an_option_is_set_in_every_phase(text, value):
    name = text.partition("=")[0].replace("-", "_")
    assert [option(phase, name) for phase in changed(text)] == [value] * len(PHASES)
    assert [phase.name for phase in changed(text)] == list(NAMES)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("label-smoothing=0.1", "targets=smoothed:share=0.1"),
        ("label-smoothing=0", "targets=hard"),
        ("mixup=0.2", "mixing=mixup:alpha=0.2"),
        ("mixup=0.0", "mixing=none"),
        ("ema=0.999", "average=ema:decay=0.999"),
        ("ema=0", "average=none"),
        ("sampling=natural", "sampler=natural"),
        ("head:sampling=balanced", "head:sampler=balanced"),
    ],
)
def test_a_short_form_is_what_it_stands_for(short, long):
    assert changed(short) == changed(long)


def test_nothing_else_is_changed():
    assert changed() == PHASES
    (first, *others) = changed("head:epochs=5")
    assert (first.epochs, first.head_rate, first.block_rate, first.options) == (5, 1e-4, 1e-5, PhaseOptions())
    assert others == list(PHASES[1:])


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("head", ("head",)),
        ("head+*", ("head+block2", "head+block1")),
        ("*", NAMES),
        ("*block[12]", ("head+block2", "head+block1")),
        ("head+block1", ("head+block1",)),
    ],
)
def test_phases_are_meant_by_a_pattern(pattern, meant):
    phases = changed(f"{pattern}:mixup=0.2")
    assert tuple(phase.name for phase in phases if phase.options.mixing.name == "mixup") == meant


def test_the_last_word_counts():
    first, second, third = changed("epochs=5", "head*:epochs=7", "head:epochs=1", "dropout=0.1", "head:ema=0.9")
    assert [phase.epochs for phase in (first, second, third)] == [1, 7, 7]
    assert first.options == phase_options(dropout=0.1, ema=0.9)
    assert second.options == PhaseOptions(dropout=0.1)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("epochs=0", "a whole number of epochs, 1 or more, up to 100000"),
        ("epochs=1.5", "a whole number of epochs, 1 or more, up to 100000"),
        ("epochs=", "a whole number of epochs, 1 or more, up to 100000"),
        ("epochs", "a whole number of epochs, 1 or more, up to 100000"),
        ("head-rate=0", "a learning rate above 0, from 1e-30 to 100"),
        ("block-rate=-1", "a learning rate above 0, from 1e-30 to 100"),
        ("block-rate=nan", "a learning rate above 0, from 1e-30 to 100"),
        ("head-rate=inf", "a learning rate above 0, from 1e-30 to 100"),
        ("depth-decay=0", "a number above 0, up to 1"),
        ("scale=0", "a number from 0.1 to 1"),
        ("dropout=1", "a number from 0 to 0.99"),
        ("clip-norm=-1", "0, or a number from 1e-06 to 1e+06"),
        ("early-stopping=-1", "a whole number of epochs, 0 or more, up to 100000"),
        ("best-epoch=yes", "'on' or 'off'"),
        ("head:best-epoch=1", "'on' or 'off'"),
    ],
)
def test_a_value_that_does_not_fit_is_quoted(text, wanted):
    with pytest.raises(RequestError) as refused:
        changed(text)
    assert str(refused.value) == f"--phase '{text}' must give {wanted}."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("annealing=linear", "There is no annealing 'linear'."),
        ("sampling=blanced", "There is no sampler 'blanced'. Did you mean 'balanced'?"),
        (
            "label-smoothing=1",
            "--phase 'label-smoothing=1': 'share' of the targets 'smoothed' must be a number from 0 to 0.999, as in "
            "share=0.1.",
        ),
        (
            "mixup=much",
            "--phase 'mixup=much': 'alpha' of the mixing 'mixup' must be a number from 1e-06 to 1000, as in alpha=0.2.",
        ),
        ("ema=1", "--phase 'ema=1': 'decay' of the average 'ema' must be a number from 0 to 0.999999, as in"),
        ("loss=focal:gama=2", "The loss 'focal' has no option 'gama'. Did you mean 'gamma'? Options: gamma."),
        ("loss=cross-entropy:gamma=2", "The loss 'cross-entropy' has no option 'gamma'. It has none."),
        ("loss=focal:gamma", "'gamma' of the loss 'focal' must be a number from 0 to 10, as in gamma=2."),
        ("average=ema:ramp=maybe", "'ramp' of the average 'ema' must be 'on' or 'off', as in ramp=off."),
        (
            "annealing=cosine:over=run",
            "'over' of the annealing 'cosine' must be one of phase, stage, as in over=phase.",
        ),
    ],
)
def test_a_component_that_does_not_fit_says_what_would(text, said):
    with pytest.raises(RequestError) as refused:
        changed(text)
    assert said in str(refused.value)


def test_an_unknown_option_offers_the_nearest():
    with pytest.raises(RequestError) as refused:
        changed("head:label-smothing=0.1")
    said = str(refused.value)
    assert "--phase 'head:label-smothing=0.1' names no option. Did you mean 'label-smoothing'?" in said
    assert "Options: epochs, head-rate" in said


def test_a_pattern_that_matches_nothing_names_the_phases():
    with pytest.raises(RequestError) as refused:
        changed("heads:mixup=0.1")
    assert str(refused.value) == ("--phase 'heads:mixup=0.1' matches no phase. Phases: head, head+block2, head+block1.")
