"""What passes between derm and a plugin, each class with its description and an example that Python reads."""

from __future__ import annotations

import inspect
import json
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from generated.markdown import WIDTH, prose
from generated.plugins import face_section, field_table


def examples() -> dict[str, Any]:
    """Return a value of every class of facts, requests and plans that plugins see, by the class's name."""
    import numpy as np

    import derm_cli.plugin as face

    nevus = "Benign:Benign melanocytic proliferations:Nevus"
    melanoma = "Malignant:Malignant melanocytic proliferations (Melanoma)"
    classes = (
        face.LesionClass(name="NEV", title="nevus", diagnoses=(nevus,)),
        face.LesionClass(name="MEL", title="melanoma", diagnoses=(melanoma,)),
    )
    rates = {"head_rate": 1e-3, "block_rate": 1e-4}
    focal = face.Component(name="focal", options={"gamma": 2.0})
    phase = face.Phase(name="top", blocks=("block7",), epochs=10, **rates, options=face.PhaseOptions(loss=focal))
    stage = face.Stage(name="my-clinic", datasets=("my-clinic",), classes=classes, phases=(phase,))
    step = face.PreprocessingStep(name="without-frame", options={"dark": 20}, version=1)
    preprocessing = face.Preprocessing(size=224, interpolation="area")
    plan = face.Plan(
        backbone="effnet-b3",
        weights="imagenet",
        target="my-clinic",
        stages=(stage,),
        preprocessing=preprocessing,
        official_splits=(face.OfficialSplit(dataset="my-clinic", name="of 2026"),),
        teacher=face.Teacher(run="20260301-101500-ab12", model="9f" * 32),
    )
    field = face.MetadataField(name="itch", title="Does the spot itch?", kind="yes-no")
    encoding = face.AnswerEncoding(fields=(face.EncodedField(field=field, shares=(0.25,)),))
    threshold = face.ThresholdFacts(
        find=("malignant",),
        classes=("MEL",),
        sensitivity=0.95,
        threshold=0.12,
        cases=210,
        groups=180,
        low=0.9,
        high=0.98,
    )
    facts = face.ArtefactFacts(
        run="20260314-093000-cd34",
        classes=classes,
        preprocessing=preprocessing,
        backbone="effnet-b3",
        target="my-clinic",
        made=False,
        derm="0.1.0",
        answers=encoding,
        thresholds=(threshold,),
        titles={"pt": ("nevo", "melanoma")},
    )
    check = face.ModelCheck(
        model="model.onnx",
        variant="",
        runtime="onnxruntime",
        source="bundle",
        photographs=3,
        max_difference=1e-6,
        mean_difference=2e-7,
        agreement=1.0,
        recall={"MEL": 0.0},
    )
    photograph = face.CheckedPhotograph(path=Path("MEL/P1-1.jpg"), probabilities=(0.2, 0.8), answers={"itch": "yes"})
    picture = face.Download(name="MEL/P1-1.jpg", address="https://clinic.example/P1-1.jpg", size=48_213)
    labels = np.array([0, 1, 1])
    judged = (face.JudgedClass(name="NEV", severity="benign"), face.JudgedClass(name="MEL", severity="malignant"))
    cases = face.JudgedCases(
        classes=judged,
        labels=labels,
        predictions=np.array([0, 1, 0]),
        probabilities=np.array([[0.75, 0.25], [0.25, 0.75], [0.5, 0.5]]),
        patients=np.array([0, 1, 1]),
    )
    predicted = face.PredictedPhotograph(
        file="in/one.jpg", prediction="MEL", probabilities={"NEV": 0.25, "MEL": 0.75}, answers={"itch": "yes"}
    )
    row = face.TableRow(first_line=1, last_line=1, cells=["file", "label"])
    values = [
        *(classes[1], focal, face.PhaseOptions(loss=focal, augment=False), phase, stage, preprocessing, plan),
        *(plan.execution, plan.official_splits[0], plan.teacher, field, encoding.fields[0], encoding, threshold, facts),
        face.ScheduleRequest(blocks=("block7", "block6"), epochs=10, **rates),
        *(step, face.SubgroupColumn(name="breslow", title="thickness", kind="bins", edges=(0.8, 2.0), unit="mm")),
        face.DatasetFacts(name="my-clinic", classes=classes),
        face.PlanRequest(datasets=(face.DatasetFacts(name="my-clinic", classes=classes),), phases=(phase,)),
        face.StudyFacts(name="backbones", folder=Path("runs/studies/backbones"), title="Which backbone"),
        face.RunFacts(id="20260314-093000-cd34", folder=Path("runs/20260314-093000-cd34"), plan=plan, synthetic=False),
        face.StageFacts(index=0, stage=stage, photographs={"NEV": 180, "MEL": 60}, steps=30),
        face.EpochReport(
            stage=0,
            stage_name="my-clinic",
            phase=0,
            phase_name="top",
            epoch=0,
            epochs=10,
            loss=0.61,
            accuracy=0.7,
            images=240,
            seconds=41.5,
            **rates,
            first=True,
            images_per_second=6.2,
            validation_loss=0.58,
            validation_balanced_accuracy=0.72,
        ),
        face.Block(name="block7", layers=("block7*", "top_*")),
        face.WeightSource(
            name="imagenet", licence="Apache-2.0", file="net.h5", address="https://weights.example/net.h5"
        ),
        face.ComponentOption(name="gamma", default=2.0, most=10.0, title="how little easy photographs count"),
        face.LossFacts(counts=(180, 60)),
        face.SamplingRequest(labels=labels, classes=2, per_class=1, steps=2, progress=0.5),
        face.TargetFacts(labels=labels, classes=classes),
        face.MixDraw(shares=np.array([[0.75, 1.0]], dtype=np.float32)),
        face.Rates(rate=1e-3, corrected=9e-4, is_kernel=True),
        face.CalibrationPhotographs(photographs=np.zeros((1, 2, 2, 3), np.uint8), sha256=("7c" * 32,)),
        face.Tensor(name="image", type="uint8", shape=("batch", 224, 224, 3)),
        face.Weights(arrays=340, size=42_900_000),
        face.Inspection(
            facts=facts,
            is_sealed=True,
            inputs=(face.Tensor(name="image", type="uint8", shape=("batch", 224, 224, 3)),),
            outputs=(face.Tensor(name="probabilities", type="float32", shape=("batch", 2)),),
            operations={"Conv": 79},
            weights={"float32": face.Weights(arrays=340, size=42_900_000)},
        ),
        face.Licence(name="my-clinic", title="our clinic", licence="ours", non_commercial=True),
        face.PackedModel(path=Path("artefacts/model.onnx"), exporter="onnx", parity={"max_difference": 1e-6}),
        *(photograph, face.VerifyRequest(runtimes=("onnxruntime",), photographs=(photograph,)), check),
        face.Capacity(workers=2, cores=8),
        face.StudyProcess(
            key="0001",
            command=("python", "-c", "pass"),
            environment={"OMP_NUM_THREADS": "8"},
            log=Path("logs/0001.log"),
        ),
        face.ProcessEnd(key="0001", fault="its process was ended by SIGKILL"),
        face.Verification(checks=(check,), notes=("no photograph of the run was asked",)),
        *(picture, face.Page(downloads=(picture,), rows=({"file": picture.name, "label": "MEL"},))),
        face.RecordColumn(name="itch", meaning=field.title, choices=("no", "yes")),
        *(row, face.TextTable(header=row, rows=(), delimiter=",")),
        *(face.StopRequest(reason="an hour of training is over", ends="run"), judged[0], cases),
        face.ReportSectionFacts(
            title="Run 20260314-093000-cd34",
            classes=judged,
            cases=None,
            evaluation={"cases": 0, "accuracy": None},
            synthetic=False,
        ),
        face.ReportParagraph(text="A melanoma that is missed costs as much as twenty excisions."),
        face.ReportTable(title="What mistakes cost", header=("class", "cost"), rows=(("MEL", 20.0), ("NEV", 1.0))),
        predicted,
        face.PredictionSummary(model="20260314", facts=facts, answered=1, unread=0, files=(Path("answers.csv"),)),
        face.ColumnNames(used={"Label": "label"}, near={"filee": "file"}, unused=("remarks",)),
    ]
    return {type(each).__name__: each for each in values}


def example_text(value: Any, indent: int = 0) -> str:
    """Return a value as Python that makes it, given the names of :mod:`derm_cli.plugin`, ``Path`` and ``np``."""
    before, after, parts = _parts(value)
    if parts is None:
        return before
    short = before + ", ".join(name + example_text(each) for name, each in parts) + after
    if len(short) + indent <= WIDTH - 10 or not parts:
        return short if not (before == "(" and len(parts) == 1) else f"{short[:-1]},)"
    inner = "\n".join(f"{' ' * (indent + 4)}{name}{example_text(each, indent + 4)}," for name, each in parts)
    return f"{before}\n{inner}\n{' ' * indent}{after}"


def _parts(value: Any) -> tuple[str, str, list[tuple[str, Any]] | None]:
    """Return how a value begins and ends in Python, and the parts between with what stands before each; or it alone."""
    if is_dataclass(value):
        given = [
            (f"{each.name}=", getattr(value, each.name))
            for each in fields(value)
            if each.default_factory is MISSING or getattr(value, each.name) != each.default_factory()
            if each.default is MISSING or getattr(value, each.name) != each.default
        ]
        return f"{type(value).__name__}(", ")", given
    if hasattr(value, "_asdict"):
        return f"{type(value).__name__}(", ")", [(f"{name}=", each) for name, each in value._asdict().items()]
    if isinstance(value, tuple | list):
        begin, end = "()" if isinstance(value, tuple) else "[]"
        return begin, end, [("", each) for each in value]
    if isinstance(value, dict):
        return "{", "}", [(f"{json.dumps(name)}: ", each) for name, each in value.items()]
    return _alone(value), "", None


def _alone(value: Any) -> str:
    """Return a value of no parts as Python that makes it."""
    if isinstance(value, Path):
        return f"Path({json.dumps(value.as_posix())})"
    if hasattr(value, "dtype"):
        kind = "" if value.dtype == int else f", np.{value.dtype}"
        # Three brackets are a marker of cog's.
        shown = f"zeros({value.shape}" if value.ndim > 2 and not value.any() else f"array({value.tolist()}"
        return f"np.{shown}{kind})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def sections() -> str:
    """Return a section for every class of the face that is no spec: what it is, its fields, and an example."""
    import derm_cli.plugin as face

    made, parts = examples(), []
    for name in face.__all__:
        found = getattr(face, name)
        if not inspect.isclass(found) or issubclass(found, Exception) or hasattr(found, "hook"):
            continue
        text = field_table(found) if is_dataclass(found) else ""
        described = face_section(name) if not is_dataclass(found) else prose(f"`{name}`: {inspect.getdoc(found)}")
        example = f"```python\n{example_text(made[name])}\n```" if name in made else ""
        parts.append("\n\n".join(filter(None, (f"## `{name}`", described, text, example))))
    return "\n\n".join(parts)
