"""Compiling ahead, under JAX in a process of its own: a CPU's programs are kept in the same cache."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import json, sys
from pathlib import Path

sys.path.insert(0, sys.argv[2])
from derm_cli.engine import backend

backend.start(3, programs=Path(sys.argv[1]))
from tests.support.tiny_network import COMPONENTS, TINY, TrainingLog, made_photographs, made_stage
from derm_cli.engine.compile_ahead import compiling_ahead, without_photographs
from derm_cli.engine.stage_inputs import ComputeOptions, StageInputs
from derm_cli.engine.network import add_head, network_variables, copy_value
from derm_cli.engine.trainer import StageTrainer
from derm_cli.plan import PAPER_AUGMENTATION


def trainer(per_class, make=lambda inputs: inputs):
    pixels, labels = made_photographs(24)
    inputs = StageInputs(pixels, labels, per_class, PAPER_AUGMENTATION, 4, 0.9, COMPONENTS)
    network = add_head(TINY.build(16, None), TINY, 3)
    return StageTrainer(network, made_stage(epochs=1), make(inputs), ComputeOptions(by_stage=True, compiled=True))


def programs():
    return {each.name for each in Path(sys.argv[1]).iterdir() if "step" in each.name}


def train(ahead):
    with compiling_ahead(trainer(2, make=without_photographs) if ahead else None):
        backend.start(7)
        trainer(1).train(TrainingLog())
    first = len(programs())
    backend.start(8)
    second = trainer(2)
    second.train(TrainingLog())
    return first, len(programs()), [copy_value(each) for each in network_variables(second.network)]


first, both, weights = train(ahead=True)
_, again, others = train(ahead=False)
same = all((one == other).all() for one, other in zip(weights, others, strict=True))
print(json.dumps({"first": first, "both": both, "again": again, "same": same}))
"""


def test_the_next_stage_s_program_is_found_in_the_cache_and_no_bit_is_another(tmp_path):
    environment = {"KERAS_BACKEND": "jax", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "programs", Path(__file__).parents[2]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["first"] == 2, "the next stage's program was not compiled beside this one's"
    assert told["both"] == told["again"] == 2, "it was compiled once more"
    assert told["same"]
