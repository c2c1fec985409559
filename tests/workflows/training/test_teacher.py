"""Which stages a teacher teaches, and what it is asked."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.data.samples import Samples
from derm_cli.errors import DermError, RequestError
from derm_cli.phase_options import Component
from derm_cli.plan import Preprocessing, Teacher
from derm_cli.runs.runs import Runs
from derm_cli.taxonomy import LesionClass
from derm_cli.workflows.training import teacher as workflow
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.teacher import (
    TeacherQuestion,
    is_distilled,
    taught_stages,
    teacher_answers,
    teacher_of_plan,
    teacher_run,
)
from tests.support.member_runs import make_member
from tests.support.run_folders import PLAN, STAGE

OTHER_CLASSES = replace(
    STAGE, name="first", classes=(LesionClass(name="x", title="x"), LesionClass(name="y", title="y"))
)
HALF = Component(name="distilled", options={"alpha": 0.5, "temperature": 2.0})


def with_targets(stage, component):
    phases = (replace(each, options=replace(each.options, targets=component)) for each in stage.phases)
    return replace(stage, phases=tuple(phases))


def targets_of(stages) -> list[list[str]]:
    return [[phase.options.targets.name for phase in stage.phases] for stage in stages]


@pytest.fixture
def teacher(tmp_path):
    return make_member(tmp_path / "runs", "1")


def test_the_stages_of_the_teacher_s_classes_are_taught_and_no_other(teacher):
    stages = taught_stages((OTHER_CLASSES, STAGE), teacher)
    assert targets_of(stages) == [["hard", "hard"], ["distilled", "distilled"]]
    assert [is_distilled(stage) for stage in stages] == [False, True]


def test_a_stage_that_says_how_it_is_taught_keeps_that_and_one_of_other_classes_has_labels(teacher):
    stages = taught_stages((with_targets(OTHER_CLASSES, HALF), with_targets(STAGE, HALF)), teacher)
    assert targets_of(stages) == [["hard", "hard"], ["distilled", "distilled"]]
    assert stages[1].phases[0].options.targets == HALF


def test_other_targets_of_a_recipe_give_way_to_the_teacher(teacher):
    smoothed = Component(name="smoothed", options={"share": 0.1})
    assert targets_of(
        taught_stages((with_targets(OTHER_CLASSES, smoothed), with_targets(STAGE, smoothed)), teacher)
    ) == [
        ["smoothed", "smoothed"],
        ["distilled", "distilled"],
    ]


def test_without_a_teacher_stages_are_as_they_were():
    assert taught_stages((OTHER_CLASSES, STAGE), None) == (OTHER_CLASSES, STAGE)


def test_targets_to_be_distilled_from_nobody_and_a_teacher_of_other_classes_are_refused(teacher):
    with pytest.raises(RequestError, match="The targets 'distilled' need a teacher: name a run, as in --teacher RUN"):
        taught_stages((with_targets(STAGE, HALF),), None)
    with pytest.raises(RequestError, match="--teacher '1' has the classes 'MEL, NEV', but 'x, y' are trained"):
        taught_stages((OTHER_CLASSES,), teacher)


def test_a_teacher_is_a_finished_run_whose_model_was_not_changed(tmp_path, teacher):
    session = SimpleNamespace(runs=Runs(tmp_path / "runs"))
    request = TrainRequest.from_options(backbone="made", chain=("clinic",), teacher="1")
    assert teacher_run(session, request, None) == teacher
    assert teacher_run(session, replace(request, teacher=None), None) is None
    assert teacher_of_plan(None) is None
    (teacher / "model.keras").write_bytes(b"model")
    teacher.seal("model.keras")
    assert teacher_of_plan(teacher) == Teacher(run="1", model=teacher.record.files["model.keras"])
    (teacher / "model.keras").write_bytes(b"other")
    with pytest.raises(DermError, match="was changed since run '1' wrote it"):
        teacher_of_plan(teacher)
    with pytest.raises(RequestError, match="There is no run 'gone'"):
        teacher_run(session, replace(request, teacher="gone"), None)
    teacher.write(replace(teacher.record, status="failed"))
    with pytest.raises(DermError, match="Run '1' is failed, not finished"):
        teacher_run(session, request, None)


@pytest.fixture
def asked(monkeypatch, teacher):
    """Ask the teacher about two photographs of one dataset and one of another; it answers with their first pixels."""
    packs = {"one": np.arange(4, dtype=np.uint8), "two": np.arange(10, 14, dtype=np.uint8)}

    def pixels(name, size):
        return np.broadcast_to(packs[name][:, None, None, None], (4, size, size, 3)).copy()

    def ingest(records, preprocessing, _):
        cases = [f"{records}{number}" for number in reversed(range(4))]
        frame = pd.DataFrame({"case_id": cases, "row": list(reversed(range(4)))})
        return SimpleNamespace(photographs=pixels(records, preprocessing.size), records=SimpleNamespace(frame=frame))

    def predictor(photographs):
        shown.append(photographs.shape[1])
        return photographs[:, 0, 0, :2].astype(np.float32)

    predictor.facts = None
    shown: list[int] = []
    monkeypatch.setattr(workflow, "ingest", ingest)
    monkeypatch.setattr(workflow, "load_predictor", lambda *_: predictor)

    def ask(size):
        samples = Samples(
            Photographs(((pixels("one", size), np.array([3, 1])), (pixels("two", size), np.array([2])))),
            np.zeros(3, np.int32),
            pd.DataFrame({"dataset": ["one", "one", "two"], "case_id": ["one3", "one1", "two2"]}),
        )
        question = TeacherQuestion(samples, {"one": "one", "two": "two"}, Preprocessing(size=size))
        session = SimpleNamespace(settings=SimpleNamespace(cache_folder=None), registry=None)
        return teacher_answers(session, teacher, question).tolist(), shown

    return ask


@pytest.mark.parametrize("size", [PLAN.preprocessing.size, 16])
def test_it_sees_the_photographs_in_their_order_by_its_own_preprocessing(asked, size):
    answers, shown = asked(size)
    assert answers == [[3, 3], [1, 1], [12, 12]]
    assert set(shown) == {PLAN.preprocessing.size}
