"""Every built-in component trains under each backend, and what is not drawn by a backend gives the same losses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from derm_cli.engine.components import phase_components, step_values
from derm_cli.errors import RequestError
from derm_cli.phase_options import Component
from tests.support.tiny_network import COMPONENTS, made_stage, phase_options

ROOT = Path(__file__).parents[2]


def losses(backend):
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.components_in_turn"],
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_component_trains_alike_under_tensorflow_and_jax():
    ours, theirs = losses("tensorflow"), losses("jax")
    assert ours.keys() == theirs.keys()
    assert len(ours) > 20
    for name, found in ours.items():
        assert np.isfinite([found, theirs[name]]).all(), name
        if not name.startswith("augmentation"):
            np.testing.assert_allclose(found, theirs[name], rtol=5e-3, err_msg=name)
    # Of classes of one size, two of the five losses are the usual one.
    assert len({round(each[0], 4) for name, each in ours.items() if name.startswith("loss ")}) == 3


def stage_of(*options):
    from dataclasses import replace

    stage = made_stage([("block2",)] * len(options), epochs=2)
    phases = (replace(phase, options=each) for phase, each in zip(stage.phases, options, strict=True))
    return replace(stage, phases=tuple(phases))


def values_of(stage, index, steps=5):
    components = phase_components(stage, stage.phases[index], np.arange(12) % 3, COMPONENTS)
    return step_values(stage.phases, index, components, steps)


def test_the_paper_s_steps_take_a_factor_of_1_and_no_average():
    values = values_of(stage_of(phase_options()), 0)
    assert (values.shape, values.dtype) == ((10, 3), np.float32)
    assert set(values[:, 0]) == {1.0}
    np.testing.assert_allclose(values[:, 1], np.arange(10) / 10, rtol=1e-6)
    assert not values[:, 2].any()


def test_an_annealing_is_over_the_phase_or_over_the_stage():
    """Loshchilov and Hutter 2017, equation 5, by the share of the steps before."""
    by_phase = stage_of(*[phase_options(annealing="cosine")] * 2)
    by_stage = stage_of(*[phase_options(annealing="cosine:over=stage")] * 2)
    cosine = (1 + np.cos(np.pi * np.arange(20) / 20)) / 2
    np.testing.assert_allclose(np.concatenate([values_of(by_stage, each)[:, 0] for each in (0, 1)]), cosine, atol=1e-6)
    of_a_phase = (1 + np.cos(np.pi * np.arange(10) / 10)) / 2
    for each in (0, 1):
        np.testing.assert_allclose(values_of(by_phase, each)[:, 0], of_a_phase, atol=1e-6)


def test_a_component_that_nobody_offers_is_named():
    from dataclasses import replace

    stage = stage_of(replace(phase_options(), loss=Component(name="focus")))
    with pytest.raises(RequestError, match=r"There is no loss 'focus'\. Did you mean 'focal'\?"):
        values_of(stage, 0)
