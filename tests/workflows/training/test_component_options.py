"""Components as texts, and their options: ``NAME:OPTION=VALUE``, ``--augment NAME=RANGE``."""

import pytest

from derm_cli.errors import RequestError, SpecError
from derm_cli.phase_options import Component, PhaseOptions
from derm_cli.plan import PAPER_AUGMENTATION
from derm_cli.plugin import AugmentationSpec, ComponentOption, LossSpec
from derm_cli.plugin.component_specs import PHASE_COMPONENTS
from derm_cli.plugin.options import shown
from derm_cli.workflows.training.component_options import read_component, with_component_options
from tests.support.tiny_network import COMPONENTS


def augmented(*assignments):
    return with_component_options(COMPONENTS, AugmentationSpec, PAPER_AUGMENTATION, assignments, "--augment")


def test_ranges_and_shares_are_changed_and_the_others_stay():
    changed = {**PAPER_AUGMENTATION.options, "rotation": (0.0, 15.0), "flip": 0.0}
    assert augmented("rotation=0,15", "flip=0") == Component(name="paper", options=changed)
    assert augmented("rotation=0..15", "flip=0").options == changed


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("rotation=15", "'rotation' of the augmentation 'paper' must be two numbers from 0 to 360, the smaller first"),
        ("flip=0,1", "'flip' of the augmentation 'paper' must be a number from 0 to 1, as in flip=0.5"),
        ("flip=often", "must be a number"),
        ("rotation=30,1", "the smaller first, as in rotation=1..30"),
        ("flip=1.5", "from 0 to 1"),
        ("zoom=-1,0", "two numbers from 0 to 10"),
        ("zoom=0,inf", "two numbers from 0 to 10"),
        ("zoom", "two numbers from 0 to 10"),
    ],
)
def test_what_is_no_range_is_refused(assignment, said):
    with pytest.raises(RequestError) as caught:
        augmented(assignment)
    assert said in str(caught.value)
    assert f"--augment '{assignment}'" in str(caught.value)


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(RequestError, match=r"has no option 'rotaton'\. Did you mean 'rotation'\?"):
        augmented("rotaton=0,15")


@pytest.mark.parametrize("kind", [*PHASE_COMPONENTS, AugmentationSpec])
def test_every_component_is_read_back_from_its_own_text(kind):
    for name, spec in COMPONENTS.all(kind).items():
        whole = spec.component()
        options = ",".join(f"{option}={shown(value)}" for option, value in whole.options.items())
        assert read_component(COMPONENTS, kind, f"{name}:{options}" if options else name, "") == whole
        assert Component.from_json({"name": name, "options": whole.options}) == whole
        hash(whole)


def test_the_defaults_of_a_phase_and_of_a_plan_are_components_with_all_their_options():
    for kind in PHASE_COMPONENTS:
        component = PhaseOptions().components[kind.phase_option]
        assert COMPONENTS.get(kind, component.name).component() == component
    assert COMPONENTS.get(AugmentationSpec, "paper").component() == PAPER_AUGMENTATION


@pytest.mark.parametrize(
    ("default", "limits", "text", "value"),
    [
        (0.5, {}, "0.25", 0.25),
        (3, {"least": 1, "most": 9}, "4", 4),
        (True, {}, "off", False),
        ("b", {"choices": ("a", "b")}, "a", "a"),
        ((0.0, 1.0), {}, "0.2..0.3", (0.2, 0.3)),
    ],
)
def test_an_option_reads_a_value_of_its_default_s_type(default, limits, text, value):
    read = ComponentOption(name="x", default=default, title="X", **limits).read(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("default", [2.0, (1.0, 0.0), float("nan"), (0.0, 2.0)])
def test_a_spec_whose_default_is_outside_its_own_bounds_is_refused(default):
    with pytest.raises(SpecError, match="options: x"):
        LossSpec(name="l", title="L", options=(ComponentOption(name="x", default=default, title="X"),), build=print)
