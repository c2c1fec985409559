"""A request becomes a plan from the datasets' tables alone; what cannot be carried out is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from derm_cli.config import load
from derm_cli.errors import DermError, RequestError
from derm_cli.plan import Execution, OfficialSplit, Phase, PhaseOptions
from derm_cli.plugin import HEAD, ComponentOption, ScheduleSpec
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import Prepared, prepare
from derm_cli.workflows.training.request import TrainRequest
from tests.support import trees

HAM, PAD = "ham10000", "pad-ufes-20"


@pytest.fixture
def session(tmp_path) -> Session:
    trees.make_ham(tmp_path / "data" / HAM, per_class=4)
    trees.make_pad(tmp_path / "data" / PAD, per_class=4)
    return Session(load({"data": str(tmp_path / "data")}, {}))


@pytest.fixture
def planned(session):
    def make(**options) -> Prepared:
        settings = {"backbone": "effnet-lite0", "chain": (HAM, PAD), **options}
        return prepare(session, TrainRequest.from_options(**settings))

    return make


def test_a_plan_has_the_numbers_of_its_request(planned):
    options = {"per_class": 2, "norm_momentum": 0.8, "test_share": 0.3, "validation_share": 0.2, "seed": 5}
    prepared = planned(**options, folds=3, fold=2)
    plan = prepared.plan
    assert {name: getattr(plan, name) for name in options} == options
    assert (plan.target, plan.folds, plan.fold, plan.weights) == (PAD, 3, 2, None)
    assert [stage.datasets for stage in plan.stages] == [(HAM,), (PAD,)]
    assert plan.preprocessing.size == prepared.backbone.input_size
    assert not prepared.is_synthetic


def test_a_size_that_is_asked_for_is_the_plan_s(planned):
    assert planned(size=64, resize="crop").plan.preprocessing.text() == "64x64, crop, nearest"


def test_phases_follow_the_options(planned):
    (*_, last) = planned(phase_options=("epochs=7",), head_rate=1e-2).plan.stages
    assert {(phase.epochs, phase.head_rate) for phase in last.phases} == {(7, 1e-2)}


def test_datasets_without_an_official_split_are_split_by_derm(planned):
    assert planned().plan.official_splits == ()
    assert all(isinstance(each, OfficialSplit) for each in planned(split="auto").plan.official_splits)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"folds": 3}, "--folds is '3', but a run tests on one fold: say which, as in --fold 1"),
        ({"chain": (PAD,), "crop": "lesion"}, "--crop is 'lesion', but no dataset of the chain has lesion masks (pad-"),
        ({"split": "official"}, "--split is 'official', but dataset 'pad-ufes-20' has no official split"),
        ({"phase_options": ("best-epoch=on",), "validation_share": 0.0}, "but --validation-share is '0'"),
        ({"backbone": "no-such"}, "no-such"),
        (
            {"per_class": 100},
            "--per-class is '100', which makes batches of 700 photographs of stage 'ham10000' (7 class",
        ),
        ({"execution": Execution(devices=2)}, "--devices is '2', but only JAX shares a batch among devices"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(planned, options, said):
    with pytest.raises(RequestError) as caught:
        planned(**options)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("devices", "environment", "said"),
    [
        (1, {}, None),
        (3, {}, "only JAX shares a batch among devices: set KERAS_BACKEND=jax"),
        (4, {"KERAS_BACKEND": "jax"}, "a batch of 6 photographs cannot be divided among them"),
        (3, {"KERAS_BACKEND": "jax"}, "3 devices share each batch; whether so many are here is seen when the training"),
        (3, {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}, "--devices is '3', but 1 device is here"),
        (
            3,
            {
                "KERAS_BACKEND": "jax",
                "JAX_PLATFORMS": "cpu",
                "XLA_FLAGS": "--a=1 --xla_force_host_platform_device_count=2",
            },
            "--devices is '3', but 2 devices are here",
        ),
        (3, {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "3"}, None),
    ],
)
def test_devices_are_checked_where_the_plan_is_made_or_told_of(place, devices, environment, said):
    """Without a framework: in a process of its own, where none was imported before."""
    trees.make_pad(place.data / PAD, per_class=6)
    words = ["train", "--backbone", "effnet-lite0", "--chain", PAD, "--devices", str(devices), "--dry-run"]
    program = "import sys; from derm_cli.cli import main; sys.argv[0] = 'derm'; main()"
    variables = {**os.environ, "DERM_DATA": str(place.data), "DERM_RUNS": str(place.runs), **environment}
    for name in ("KERAS_BACKEND", "JAX_PLATFORMS", "XLA_FLAGS", "JAX_NUM_CPU_DEVICES"):
        if name not in environment:
            variables.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, env=variables, check=False
    )
    if said is None or said.startswith("3 devices share"):
        assert done.returncode == 0, done.stderr
        assert (f"Not checked: {said}" in done.stdout) == bool(said)
    else:
        assert done.returncode == 2
        assert said in done.stderr


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ((), "Schedule 'broken' gives (), but must give a tuple of phases"),
        (
            (Phase(name="p", blocks=(HEAD,), epochs=1, head_rate=1e-3, block_rate=1e-3),),
            "'p' the block 'head', which every",
        ),
        (
            (Phase(name="p", blocks=("none",), epochs=1, head_rate=1e-3, block_rate=1e-3),),
            "'p' the block 'none', which the backb",
        ),
        ((Phase(name="p", blocks=(), epochs=10**9, head_rate=1e-3, block_rate=1e-3),), "the epochs '1000000000', but"),
        ((Phase(name="p", blocks=(), epochs=1, head_rate=1e39, block_rate=1e-3),), "the head rate '1e+39', but"),
        (
            (Phase(name="p", blocks=(), epochs=1, head_rate=1e-3, block_rate=0, options=PhaseOptions(dropout=-1)),),
            "the dropout '-1', but that must be a number from 0 to 0.99",
        ),
    ],
)
def test_a_schedule_that_breaks_its_contract_is_told_of(session, planned, monkeypatch, phases, said):
    spec = ScheduleSpec(name="broken", title="Broken", phases=lambda _: phases)
    get = session.registry.get
    monkeypatch.setattr(
        session.registry, "get", lambda kind, name, *more: spec if name == "broken" else get(kind, name)
    )
    with pytest.raises(DermError, match="tell its author") as caught:
        planned(schedule="broken")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("fading", {"least": 0.1}),
        ("fading:least=0.5", {"least": 0.5}),
        ("fading:leest=0.5", "The schedule 'fading' has no option 'leest'. Did you mean 'least'? Options: least."),
        ("fading:least=2", "'least' of the schedule 'fading' must be a number from 0 to 1, as in least=0.1."),
        ("full:least=2", "The schedule 'full' has no option 'least'. It has none."),
    ],
)
def test_a_schedule_is_told_of_its_own_options(session, planned, monkeypatch, asked, told):
    requests = []

    def phases(request):
        requests.append(request)
        return (Phase(name="p", blocks=(), epochs=1, head_rate=1e-3, block_rate=1e-3),)

    option = ComponentOption(name="least", default=0.1, title="the share of the rate at the end")
    spec = ScheduleSpec(name="fading", title="Fading", phases=phases, options=(option,))
    monkeypatch.setitem(session.registry.all(ScheduleSpec), "fading", spec)
    if isinstance(told, str):
        with pytest.raises(RequestError, match=re.escape(told)):
            planned(schedule=asked)
    else:
        planned(schedule=asked)
        assert [request.options for request in requests] == [told]


@pytest.fixture
def planned_folder(tmp_path):
    """Return a maker of the plan of a dataset in the folder 'mine', of which each file is named."""

    def make(*files: str, reader: str = "folder", table: str = "") -> Prepared:
        for file in files:
            (tmp_path / "mine" / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "mine" / file).touch()
        if table:
            (tmp_path / "mine" / "records.csv").write_text(table, encoding="utf-8")
        (tmp_path / "derm.toml").write_text(f"[datasets.mine]\npath = '{tmp_path / 'mine'}'\nreader = '{reader}'\n")
        settings = load({}, {"DERM_CONFIG": str(tmp_path / "derm.toml")})
        return prepare(Session(settings), TrainRequest.from_options(backbone="effnet-lite0", chain=("mine",)))

    return make


def photographs(*folders: str) -> list[str]:
    return [f"{folder}/{number}.jpg" for folder in folders for number in range(3)]


def test_folders_of_a_split_are_the_official_split_and_their_folders_the_classes(planned_folder):
    prepared = planned_folder(*photographs("Train/mole", "Train/wart", "TEST/mole", "TEST/wart", "lost+found/x"))
    assert [each.name for each in prepared.plan.stages[-1].classes] == ["mole", "wart"]
    assert prepared.plan.official_splits == (
        OfficialSplit(dataset="mine", name="the folders train, validation and test"),
    )


def test_a_training_part_alone_is_split_anew(planned_folder, capsys):
    prepared = planned_folder(*photographs("train/mole", "train/wart"))
    assert prepared.plan.official_splits == ()
    assert "has no test part" in capsys.readouterr().err


def test_what_is_not_read_is_counted_before_a_training(planned_folder, capsys):
    planned_folder(*photographs("mole", "wart"), "mole/IMG_1.dng", "wart/0.cr2")
    assert "dataset 'mine' has 1 photograph not read: 1 .dng" in capsys.readouterr().err


def test_a_photograph_under_two_classes_is_told_before_a_training(planned_folder, capsys):
    rows = "".join(f"{number}.jpg,{'ab'[number % 2]}\n" for number in range(6))
    files = [f"{number}.jpg" for number in range(6)]
    planned_folder(*files, reader="csv", table=f"image,label\n{rows}0.jpg,b\n1.jpg,b\n")
    assert (
        "has photographs that stand in records of two classes, of which the first is used (1)"
        in capsys.readouterr().err
    )


def test_files_that_are_not_there_are_told_with_what_is_near(planned_folder, capsys):
    rows = "".join(f"images/{number}.jpg,{'ab'[number % 2]}\n" for number in range(6))
    files = [f"images/{number}.jpg" for number in range(6)]
    planned_folder(*files, "more/7.png", reader="csv", table=f"image,label\n{rows}old/7.jpg,a\n")
    assert "1 photographs of dataset 'mine' are not there" in (said := capsys.readouterr().err)
    assert "'more/7.png' for 'old/7.jpg'" in said


def test_a_table_of_which_no_file_is_there_names_one_that_is_near(planned_folder):
    with pytest.raises(DermError, match=r"the file is not there: for 'old/1.jpg' there is 'new/1.jpg'\)"):
        planned_folder("new/1.jpg", "new/2.jpg", reader="csv", table="image,label\nold/1.jpg,a\nold/2.jpg,b\n")
