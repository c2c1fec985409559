"""Distillation: the teacher of a training, a finished run whose answers are part of what is asked of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from derm_cli.chain_names import RUN_PREFIX
from derm_cli.data.ingesting import ingest
from derm_cli.data.photographs import Photographs
from derm_cli.data.preprocessing import Pixels
from derm_cli.data.records import Records
from derm_cli.data.samples import Samples
from derm_cli.errors import RequestError
from derm_cli.phase_options import Component
from derm_cli.plan import Preprocessing, Stage, Teacher
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished
from derm_cli.workflows.predicting.predict import load_predictor, predictor_probabilities
from derm_cli.workflows.preprocessing_steps import with_steps
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.weight_source import run_of_source

DISTILLED = "distilled"
"""The targets that a teacher gives: the component of that name."""


def teacher_run(session: Session, request: TrainRequest, successor: RunFolder | None) -> RunFolder | None:
    """Return the finished run that a request names as its teacher, None where it names none.

    ``successor`` is the run that is resumed or repeated, beside which it is looked for first.  Raises RequestError
    where there is no such run, and DermError where it is not finished.
    """
    if request.teacher is None:
        return None
    run = run_of_source(session, RUN_PREFIX + request.teacher, successor)
    require_finished(run)
    return run


def teacher_of_plan(run: RunFolder | None) -> Teacher | None:
    """Return a teacher as the plan has it.  Raises DermError where its model was changed."""
    if run is None:
        return None
    run.sealed(layout.MODEL)
    return Teacher(run=run.id, model=run.record.files[layout.MODEL])


def taught_stages(stages: Sequence[Stage], teacher: RunFolder | None) -> tuple[Stage, ...]:
    """Return the stages with the targets ``distilled`` where the teacher has their classes, and there alone.

    Other stages of a chain have other classes, so their targets are the labels.  Raises RequestError where targets are
    to be distilled and there is no teacher, and where a teacher has the classes of no stage.
    """
    if teacher is None:
        if any(is_distilled(stage) for stage in stages):
            raise RequestError(f"The targets '{DISTILLED}' need a teacher: name a run, as in --teacher RUN.")
        return tuple(stages)
    classes = teacher.plan.classes
    taught = tuple(_taught(stage) if stage.classes == classes else _untaught(stage) for stage in stages)
    if not any(is_distilled(stage) for stage in taught):
        names, own = (", ".join(each.name for each in some) for some in (classes, stages[-1].classes))
        raise RequestError(
            f"--teacher '{teacher.id}' has the classes '{names}', but '{own}' are trained: name a run of the same "
            "target, or leave it out."
        )
    return taught


def is_distilled(stage: Stage) -> bool:
    """Tell whether a teacher's answers are asked of a stage's network."""
    return any(phase.options.targets.name == DISTILLED for phase in stage.phases)


def _taught(stage: Stage) -> Stage:
    """Return a stage all of whose phases are taught, as they say, or by the defaults."""
    return stage if is_distilled(stage) else _with_targets(stage, Component(name=DISTILLED), only=None)


def _untaught(stage: Stage) -> Stage:
    return _with_targets(stage, Component(name="hard"), only=DISTILLED)


def _with_targets(stage: Stage, targets: Component, only: str | None) -> Stage:
    """Return a stage with ``targets`` in its phases, or in those alone whose targets are ``only``."""
    phases = (
        replace(phase, options=replace(phase.options, targets=targets))
        if only in (None, phase.options.targets.name)
        else phase
        for phase in stage.phases
    )
    return replace(stage, phases=tuple(phases))


@dataclass(frozen=True)
class TeacherQuestion:
    """What a teacher is asked: the photographs of ``samples``, of datasets whose ``records`` are given by name.

    ``preprocessing`` is the one by which the samples were read.
    """

    samples: Samples
    records: Mapping[str, Records]
    preprocessing: Preprocessing


def teacher_answers(session: Session, teacher: RunFolder, question: TeacherQuestion) -> npt.NDArray[np.float32]:
    """Return the probabilities that a teacher gives of photographs without augmentation, float32 (n, classes).

    It sees them by its own preprocessing, and answers in float32.
    """
    predictor = load_predictor(session, str(teacher.path))
    preprocessing = with_steps(session.registry, teacher.plan.preprocessing, f"Teacher '{teacher.id}'")
    photographs = _as_teacher_sees(session, preprocessing, question)
    return predictor_probabilities(predictor, photographs, f"Asking teacher {teacher.id}")


def _as_teacher_sees(session: Session, preprocessing: Preprocessing, question: TeacherQuestion) -> Photographs:
    """Return the photographs by the preprocessing of the teacher's plan, in their order."""
    samples = question.samples
    if preprocessing.fingerprint() == question.preprocessing.fingerprint():
        return samples.photographs
    parts: list[tuple[Pixels, npt.NDArray[np.intp]]] = []
    # Samples are of one dataset after another.
    for name in dict.fromkeys(samples.cases["dataset"]):
        ingested = ingest(question.records[name], preprocessing, session.settings.cache_folder)
        frame = ingested.records.frame
        row_of = dict(zip(frame["case_id"].astype(str), frame["row"].astype(int), strict=True))
        cases = samples.cases.loc[samples.cases["dataset"] == name, "case_id"].astype(str)
        parts.append((ingested.photographs, np.array([row_of[case] for case in cases], dtype=np.intp)))
    return Photographs(tuple(parts))
