"""A test for each hook, by its name.  One made plugin answers them all, and a whole run on it shows who is asked."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from derm_cli.cli import cli
from derm_cli.phase_options import Component
from derm_cli.plugin import (
    AnnealingSpec,
    AugmentationSpec,
    AverageSpec,
    BackboneSpec,
    Block,
    Capacity,
    DatasetSpec,
    EpochReport,
    ExecutorSpec,
    LesionClass,
    LossSpec,
    MetricSpec,
    MixingSpec,
    OptimizerSpec,
    PackagerSpec,
    Phase,
    PreprocessingStepSpec,
    RecipeSpec,
    ReportParagraph,
    ReportSectionSpec,
    RunFacts,
    SamplerSpec,
    ScheduleSpec,
    Stage,
    StageFacts,
    StopRequest,
    StrategySpec,
    TargetSpec,
    Verification,
    ViewSpec,
    hookimpl,
    hookspecs,
)
from derm_cli.plugin.registry import Registry
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.training.phase_options import COMPONENTS as PHASE_OPTIONS
from derm_datasets.folder import read_records
from mobile_export.specs import KERAS
from tests.support import trees
from tests.support.installed import only_derm_s

pytestmark = pytest.mark.xdist_group("hooks")


@dataclass
class Heard:
    """What the made plugin was asked and told, in order, and what its run left behind."""

    events: list[str] = field(default_factory=list)
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    exported: dict[str, Any] = field(default_factory=dict)
    greeting: str = ""
    planned: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    folder: Path = Path()

    def note(self, event: str, **facts: Any) -> None:
        self.events.append(event)
        self.facts.setdefault(event, []).append(facts)

    def tell(self, event: str, run: RunFacts, **facts: Any) -> None:
        """Note an event of a run, and which of its files are there by then."""
        self.note(event, run=run, files={path.name for path in run.folder.iterdir()}, **facts)


def build(size, weights):
    import keras
    from keras import layers

    entry = keras.Input((size, size, 3))
    flow = layers.Rescaling(1 / 255)(entry)
    return keras.Model(entry, layers.Conv2D(4, 3, strides=8, name="top_conv")(flow))


def made_specs(heard: Heard) -> dict[str, Any]:
    """Return a spec of each kind, by its hook; each notes when its function is called."""

    def noting(event, function):
        return lambda *arguments: heard.note(event) or function(*arguments)

    def phases(request):
        return tuple(
            Phase(name=name, blocks=(), epochs=request.epochs, head_rate=request.head_rate, block_rate=0.1)
            for name in ("one", "two")
        )

    def plan(request):
        target = request.target
        return (Stage(name="made", datasets=(target.name,), classes=target.classes, phases=request.phases),)

    def of(kind, name, like):
        """A component that does what a built-in one does."""
        build = noting(name.replace("made-", ""), Registry().get(kind, like).build)
        return kind(name=name, title=name, build=build)

    texts = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-")
    return {
        "derm_datasets": DatasetSpec(
            name="made-moles",
            title="Made moles",
            classes=tuple(LesionClass(name=name, title=name) for name in trees.OWN),
            records=noting("records", read_records),
            modality="clinical",
            **texts,
        ),
        "derm_backbones": BackboneSpec(
            name="made-net",
            title="Made net",
            parameters=112,
            input_size=32,
            build=noting("build", build),
            blocks=(Block(name="top", layers=("top_*",)),),
        ),
        "derm_strategies": StrategySpec(name="made-plan", title="Made plan", plan=noting("plan", plan)),
        "derm_schedules": ScheduleSpec(name="made-phases", title="Made phases", phases=noting("phases", phases)),
        "derm_exporters": replace(
            KERAS,
            name="made-format",
            suffix=".made.keras",
            export=noting("export", KERAS.export),
            load=noting("load", KERAS.load),
        ),
        "derm_packagers": PackagerSpec(
            name="made-pack",
            title="Made pack",
            marker="facts.txt",
            pack=noting("pack", lambda request, folder: (folder / "facts.txt").write_text(request.facts.run)),
            verify=noting("verify", lambda folder, request: Verification()),
            models=noting("models", lambda folder: ()),
        ),
        "derm_executors": ExecutorSpec(
            name="made-executor",
            title="Made executor",
            capacity=noting("capacity", lambda asked: Capacity(workers=asked.workers or 1, cores=1)),
            start=noting("start", lambda capacity: None),
        ),
        "derm_metrics": MetricSpec(
            name="made-metric", title="Made metric", compute=noting("compute", lambda cases: len(cases.labels))
        ),
        "derm_report_sections": ReportSectionSpec(
            name="made-section",
            title="Made section",
            render=noting("render", lambda facts: [ReportParagraph(text=f"{facts.evaluation['cases']} made cases")]),
        ),
        "derm_preprocessing_steps": PreprocessingStepSpec(
            name="made-step", title="Made step", apply=noting("apply", lambda pixels, _: pixels[::-1])
        ),
        "derm_losses": of(LossSpec, "made-loss", "cross-entropy"),
        "derm_samplers": of(SamplerSpec, "made-sampler", "natural"),
        "derm_targets": of(TargetSpec, "made-targets", "hard"),
        "derm_mixings": of(MixingSpec, "made-mixing", "none"),
        "derm_optimizers": of(OptimizerSpec, "made-optimizer", "adam"),
        "derm_annealings": of(AnnealingSpec, "made-annealing", "constant"),
        "derm_averages": of(AverageSpec, "made-average", "none"),
        "derm_augmentations": replace(
            Registry().get(AugmentationSpec, "trivial"),
            name="made-augmentation",
            build=noting("augmentation", Registry().get(AugmentationSpec, "trivial").build),
        ),
        "derm_views": of(ViewSpec, "made-views", "flips"),
        "derm_recipes": RecipeSpec(
            name="made-recipe",
            title="Made recipe",
            source="these tests",
            values={
                "epochs": 2,
                "schedule": "made-phases",
                "augmentation": "made-augmentation:strength=0.5",
                "views": "made-views",
                "phase": tuple(f"{name}=made-{name}" for name in PHASE_OPTIONS),
            },
        ),
    }


def made_plugin(heard: Heard) -> ModuleType:
    """Return a plugin that answers every hook."""
    module = ModuleType("made_for_hooks")
    for hook, spec in made_specs(heard).items():
        setattr(module, hook, hookimpl(lambda hook=hook, spec=spec: heard.note(hook) or [spec], specname=hook))

    @hookimpl
    def derm_commands(cli):
        cli.add_command(click.Command("greet", callback=lambda: click.echo("good day")))

    @hookimpl
    def derm_run_started(run):
        heard.tell("derm_run_started", run)

    @hookimpl
    def derm_stage_started(run, stage):
        heard.tell("derm_stage_started", run, stage=stage)

    @hookimpl
    def derm_epoch_ended(run, epoch, seconds_left):
        heard.tell("derm_epoch_ended", run, epoch=epoch, seconds_left=seconds_left)
        return StopRequest(reason="that is enough") if epoch.phase_name == "two" else None

    @hookimpl
    def derm_run_finished(run, evaluation):
        heard.tell("derm_run_finished", run, evaluation=evaluation)

    @hookimpl
    def derm_run_chosen(run):
        heard.tell("derm_run_chosen", run)

    @hookimpl
    def derm_exported(run, exporter, path, facts):
        heard.tell("derm_exported", run, exporter=exporter, path=path, facts=facts, record=RunFolder(run.folder).record)

    @hookimpl
    def derm_predicted(summary, photographs):
        heard.note("derm_predicted", summary=summary, photographs=photographs, table=Path("new.csv").read_text())

    of_runs = (derm_run_started, derm_stage_started, derm_epoch_ended, derm_run_finished, derm_run_chosen)

    @hookimpl
    def derm_study_started(study):
        heard.note("derm_study_started", study=study, files={path.name for path in study.folder.iterdir()})

    @hookimpl
    def derm_study_ended(study, rows, failed):
        heard.note("derm_study_ended", study=study, rows=rows, failed=failed)

    of_runs += (derm_exported, derm_predicted, derm_study_started, derm_study_ended)
    for each in (derm_commands, *of_runs):
        setattr(module, each.__name__, each)
    return module


def derm(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """Train, export and greet with the made plugin beside the built-in ones."""
    heard, root = Heard(), tmp_path_factory.mktemp("hooks")
    trees.make_folder(root / "data" / "made-moles")
    point = metadata.EntryPoint("made", "made_for_hooks", "derm")
    points = [*metadata.entry_points(group="derm"), point]
    kept = dict(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("DERM_CACHE", str(root / "cache"))
        patch.setitem(sys.modules, "made_for_hooks", made_plugin(heard))
        patch.setattr(metadata, "entry_points", only_derm_s(points))
        chosen = ("--backbone", "made-net", "--strategy", "made-plan", "--recipe", "made-recipe")
        heard.run = json.loads(derm("train", "--chain", "made-moles", *chosen, "--json").stdout)
        heard.exported = json.loads(derm("export", "--made-format", "--made-pack", "--json").stdout)
        heard.greeting = derm("greet").stdout
        Path("bad.jpg").write_bytes(b"no photograph")
        photograph = min(Path("data/made-moles").rglob("1.jpg"))
        heard.asked = [str(photograph), "bad.jpg"]
        CliRunner().invoke(cli, ["predict", *heard.asked, "--csv", "new.csv"])
        derm("data", "ingest", "made-moles", "--size", "32", "--preprocess", "made-step")
        (root / "made.toml").write_text('[options]\nchain = "made-moles"\nbackbone = "made-net"\n')
        heard.planned = json.loads(derm("study", "plan", "made.toml", "--executor", "made-executor", "--json").stdout)
        # Its row has no photographs, so nothing is trained.
        (root / "gone.toml").write_text('title = "Gone?"\n[options]\nchain = "pad-ufes-20"\nbackbone = "made-net"\n')
        CliRunner().invoke(cli, ["study", "run", "gone.toml", "--executor", "made-executor"])
        derm("runs", "choose", heard.run["run"][:17])
    heard.folder = root / "runs" / heard.run["run"]
    yield heard
    cli.commands.pop("greet")
    os.environ.clear()
    os.environ.update(kept)


def test_derm_datasets(heard):
    assert "derm_datasets" in heard.events
    assert "records" in heard.events
    assert heard.facts["derm_run_started"][0]["run"].plan.target == "made-moles"


def test_derm_backbones(heard):
    assert heard.events.index("derm_backbones") < heard.events.index("build")
    assert heard.facts["derm_run_started"][0]["run"].plan.backbone == "made-net"


def test_derm_strategies(heard):
    assert heard.events.index("derm_strategies") < heard.events.index("plan")
    assert [stage.name for stage in heard.facts["derm_run_started"][0]["run"].plan.stages] == ["made"]


def test_derm_schedules(heard):
    assert heard.events.index("derm_schedules") < heard.events.index("phases")
    (stage,) = heard.facts["derm_run_started"][0]["run"].plan.stages
    assert [phase.name for phase in stage.phases] == ["one", "two"]


def test_derm_exporters(heard):
    assert heard.events.index("derm_exporters") < heard.events.index("export") < heard.events.index("load")
    (artefact,) = heard.exported["artefacts"]
    assert artefact["exporter"] == "made-format"
    assert (heard.folder / "artefacts" / "model.made.keras").is_file()


def test_derm_packagers(heard):
    assert heard.events.index("derm_packagers") < heard.events.index("pack") < heard.events.index("verify")
    (bundle,) = heard.exported["bundles"]
    assert bundle["packager"] == "made-pack"
    assert (heard.folder / "made-pack" / "facts.txt").read_text() == heard.run["run"]


def test_derm_executors(heard):
    assert heard.events.index("derm_executors") < heard.events.index("capacity")
    assert [row["fault"] for row in heard.planned["rows"]] == [None]


def test_derm_metrics(heard):
    assert heard.events.index("derm_metrics") < heard.events.index("compute")
    evaluation = json.loads((heard.folder / "evaluation.json").read_text())
    assert evaluation["plugin_metrics"]["made-metric"]["value"] == evaluation["cases"]
    assert evaluation["plugin_metrics"]["made-metric"]["plugin"] == "made"


def test_derm_report_sections(heard):
    assert heard.events.index("derm_report_sections") < heard.events.index("render")
    evaluation = json.loads((heard.folder / "evaluation.json").read_text())
    page = (heard.folder / "report.html").read_text()
    assert f"{evaluation['cases']} made cases" in page
    assert 'href="#plugin-made-section"' in page


def test_derm_exported(heard):
    """Fires once for each artefact and bundle, when it is whole and noted in the record."""
    artefact, bundle = heard.facts["derm_exported"]
    assert artefact["exporter"] == "made-format"
    assert artefact["path"] == artefact["run"].folder / "artefacts" / "model.made.keras"
    assert "artefacts/model.made.keras" in artefact["record"].files
    assert (bundle["exporter"], bundle["path"].name) == ("made-pack", "made-pack")
    assert "made-pack/facts.txt" in bundle["record"].files
    assert artefact["facts"].run == bundle["facts"].run == artefact["run"].id == heard.run["run"]


def test_derm_predicted(heard):
    """Fires once, when the table is written, with paths as they were typed."""
    (told,) = heard.facts["derm_predicted"]
    summary, photographs = told["summary"], told["photographs"]
    assert [each.file for each in photographs] == heard.asked
    assert (summary.model, summary.answered, summary.unread) == (heard.run["run"], 1, 1)
    assert summary.files == (Path("new.csv"),)
    assert len(told["table"].splitlines()) == 3
    answered, unread = photographs
    assert answered.prediction in trees.OWN
    assert sum(answered.probabilities.values()) == pytest.approx(1)
    assert (unread.prediction, unread.probabilities, unread.reason) == (None, None, "not an image")


def test_derm_preprocessing_steps(heard):
    assert heard.events.index("derm_preprocessing_steps") < heard.events.index("apply")


def test_derm_recipes(heard):
    plan = heard.facts["derm_run_started"][0]["run"].plan
    assert plan.recipe == "made-recipe with --strategy made-plan"
    assert [phase.epochs for stage in plan.stages for phase in stage.phases] == [2, 2]


def assert_built(heard, hook, name):
    """Of a component of a phase: asked for, in the plan, and built."""
    assert heard.events.index(hook) < heard.events.index(name)
    (stage,) = heard.facts["derm_run_started"][0]["run"].plan.stages
    assert {phase.options.components[name].name for phase in stage.phases} == {f"made-{name}"}


def test_derm_losses(heard):
    assert_built(heard, "derm_losses", "loss")


def test_derm_samplers(heard):
    assert_built(heard, "derm_samplers", "sampler")


def test_derm_targets(heard):
    assert_built(heard, "derm_targets", "targets")


def test_derm_mixings(heard):
    assert_built(heard, "derm_mixings", "mixing")


def test_derm_optimizers(heard):
    assert_built(heard, "derm_optimizers", "optimizer")


def test_derm_annealings(heard):
    assert_built(heard, "derm_annealings", "annealing")


def test_derm_averages(heard):
    assert_built(heard, "derm_averages", "average")


def test_derm_augmentations(heard):
    assert heard.events.index("derm_augmentations") < heard.events.index("augmentation")
    plan = heard.facts["derm_run_started"][0]["run"].plan
    assert plan.augmentation == Component(name="made-augmentation", options={"strength": 0.5})


def test_derm_views(heard):
    assert heard.events.index("derm_views") < heard.events.index("views")
    assert heard.facts["derm_run_started"][0]["run"].plan.views.name == "made-views"


def test_derm_commands(heard):
    assert heard.greeting == "good day\n"


def test_derm_run_started(heard):
    """Fires once, when the plan is written and before the first stage."""
    (told,) = heard.facts["derm_run_started"]
    assert (told["run"].id, told["run"].synthetic) == (heard.run["run"], False)
    assert {"run.json", "plan.json", "split.csv"} <= told["files"]
    assert "history.csv" not in told["files"]
    assert heard.events.index("derm_run_started") < heard.events.index("derm_stage_started")


def test_derm_stage_started(heard):
    (told,) = heard.facts["derm_stage_started"]
    stage = told["stage"]
    assert isinstance(stage, StageFacts)
    assert (stage.index, stage.stage.name, set(stage.photographs)) == (0, "made", set(trees.OWN))
    assert heard.events.index("derm_stage_started") < heard.events.index("derm_epoch_ended")


def test_derm_epoch_ended(heard):
    """Fires after each epoch, and ends training where it returns a request."""
    told = heard.facts["derm_epoch_ended"]
    epochs = [each["epoch"] for each in told]
    assert all(isinstance(epoch, EpochReport) for epoch in epochs)
    assert [(epoch.phase_name, epoch.epoch) for epoch in epochs] == [("one", 0), ("one", 1), ("two", 0)]
    record = RunFolder(heard.folder).record
    assert (record.status, [(each.plugin, each.reason) for each in record.stops]) == (
        "finished",
        [("made", "that is enough")],
    )
    assert all({"history.csv", "checkpoint.bin"} <= each["files"] for each in told)
    assert all(each["seconds_left"] > 0 for each in told[1:])


def test_derm_run_finished(heard):
    """Fires once, when all is written, with what the evaluation's file holds."""
    (told,) = heard.facts["derm_run_finished"]
    assert {"model.keras", "predictions.csv", "evaluation.json"} <= told["files"]
    assert told["evaluation"] == json.loads((heard.folder / "evaluation.json").read_text())
    of_training = ("derm_run_started", "derm_epoch_ended", "derm_run_finished")
    assert [event for event in heard.events if event in of_training][-1] == "derm_run_finished"


def test_derm_run_chosen(heard):
    """Fires when a run was chosen, with the facts of that run, though nothing is trained then."""
    (told,) = heard.facts["derm_run_chosen"]
    (before,) = heard.facts["derm_run_finished"]
    assert told["run"] == before["run"]


def test_derm_study_started(heard):
    """Fires once the study has a folder, with its name and title."""
    (told,) = heard.facts["derm_study_started"]
    assert (told["study"].name, told["study"].title, told["study"].folder.name) == ("gone", "Gone?", "gone")
    assert {"study.json", "state.json"} <= told["files"]


def test_derm_study_ended(heard):
    """Fires once all has ended, with the rows of the runs that finished, and how many did not."""
    (told,) = heard.facts["derm_study_ended"]
    (before,) = heard.facts["derm_study_started"]
    assert (told["study"], told["rows"], told["failed"]) == (before["study"], {}, 1)


def test_every_hook_has_a_test():
    hooks = {name for name in vars(hookspecs) if name.startswith("derm_")}
    tests = {name.removeprefix("test_") for name in globals() if name.startswith("test_derm_")}
    assert tests == hooks
