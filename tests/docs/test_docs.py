"""The pages say what the code does: generated parts, hooks, links, commands and snippets."""

from __future__ import annotations

import importlib
import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib import metadata
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import click
import pytest

from derm_cli.cli import cli
from derm_cli.config import load
from derm_cli.errors import DermError
from derm_cli.plugin import (
    BackboneSpec,
    DatasetSpec,
    EpochReport,
    MetricSpec,
    ReportSectionSpec,
    ScheduleSpec,
    StrategySpec,
    hookspecs,
    testing,
)
from derm_cli.plugin.loading import GROUP
from derm_cli.plugin.registry import Registry
from derm_cli.workflows.session import Session
from tests.support.pages import Page
from tests.support.synthetic_tables import small

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READMES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CHANGELOG.md",
    *sorted(REPOSITORY.glob("plugins/examples/*/README.md")),
]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.fixture(scope="session")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def generated(monkeypatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(DOCS)
    return lambda name: importlib.import_module(f"generated.{name}")


def blocks(page: str, language: str) -> list[str]:
    return [body for tag, body in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")) if tag == language]


# Generated parts.


def check(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, DOCS / "generate.py", "--check"]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def test_generated_parts_are_current_whatever_surrounds_them(tmp_path):
    (tmp_path / "derm.toml").write_text('disabled_plugins = ["datasets"]\n[train]\nepochs = 9\n')
    surrounded = {
        "COLUMNS": "40",
        "DERM_CONFIG": str(tmp_path / "derm.toml"),
        "DERM_PLUGINS": "x",
        "HOME": str(tmp_path),
    }
    process = check(**surrounded, DERM_TRAIN_EPOCHS="9")
    assert (process.returncode, process.stderr) == (0, "")


def test_a_stale_page_is_named_with_the_command_that_mends_it(generate, tmp_path, monkeypatch, capsys):
    page = tmp_path / "stale.md"
    page.write_text("<!-- [[[cog\nimport cog\ncog.outl('new')\n]]] -->\nold\n<!-- [[[end]]] -->\n")
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/stale.md is not what the code says: run 'make docs' and commit the page.\n"
    assert "old" in page.read_text()
    assert generate.main([]) == 0
    assert "-->\nnew\n<!--" in page.read_text()
    assert generate.main(["--check"]) == 0


def test_generating_imports_no_training_framework():
    program = (
        f"import sys; sys.path.insert(0, {str(DOCS)!r}); import generate; list(generate.pages())\n"
        "print(sorted({'tensorflow', 'keras', 'jax', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_every_setting_and_every_number_of_the_paper_is_in_its_table(generated):
    from derm_cli import config

    settings = (DOCS / "reference/settings.md").read_text()
    for name in (*config.DEFAULT_FOLDERS, *config.PLUGIN_LISTS, *config.DATASET_KEYS):
        assert f"| `{name}` |" in settings
    rows = generated("strategies").paper_table().splitlines()[2:]
    assert len(rows) == len(generated("strategies").PAPER)


def test_every_key_and_column_of_a_run_is_in_its_page():
    from derm_cli.plan import Phase, Plan, Preprocessing, Stage
    from derm_cli.plugin import EpochReport
    from derm_cli.runs import layout
    from derm_cli.runs.record import (
        ArtefactRecord,
        PrecisionCheck,
        Process,
        RunRecord,
        RunStop,
        SplitCounts,
        StageOrigin,
    )

    page = (DOCS / "reference/run-folder.md").read_text()
    records = (RunRecord, ArtefactRecord, PrecisionCheck, Process, RunStop, SplitCounts, StageOrigin)
    for form in (Plan, Stage, Phase, Preprocessing, EpochReport, *records):
        for name in form.__dataclass_fields__.keys() - {"document"}:
            assert f"`{name}`" in page, f"{form.__name__}.{name}"
    files = [each for name, each in vars(layout).items() if name.isupper() and isinstance(each, str) and "." in each]
    assert len(files) >= 9
    for name in files:
        assert f"| `{name}` |" in page


# Hooks and dependencies.


def hooks() -> list[object]:
    return [each for name, each in vars(hookspecs).items() if name.startswith("derm_")]


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook.__name__)
def test_every_hook_has_its_heading_with_its_exact_signature(hook, generated):
    signature = generated("plugins").signature
    headings = [line for line in (DOCS / "reference/hooks.md").read_text().splitlines() if line.startswith("#")]
    assert f"## `{signature(hook)}`" in headings
    source = (REPOSITORY / "derm_cli/plugin/hookspecs.py").read_text()
    assert f"def {signature(hook)}:" in source


def test_every_dependency_is_explained():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    declared = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["jax"],
        *(each for group in project["dependency-groups"].values() for each in group),
        *project["build-system"]["requires"],
    ]
    text = (DOCS / "explanation/architecture.md").read_text()
    for requirement in declared:
        name = re.match(r"[\w.-]+", requirement).group()  # type: ignore[union-attr]
        assert f"| {name} |" in text, name


# Links.


def test_every_page_is_in_the_toctree():
    listed = [
        line
        for body in re.findall(r"```\{toctree\}\n(.*?)```", (DOCS / "index.md").read_text(), re.DOTALL)
        for line in body.splitlines()
        if line and not line.startswith(":")
    ]
    pages = {page.relative_to(DOCS).with_suffix("").as_posix() for page in PAGES} - {"index"}
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == pages


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=name_of)
def test_every_link_goes_to_a_file_and_a_heading_that_are_there(page):
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.is_file(), f"'{target}' is not there"
        if anchor:
            assert anchor in anchors(linked), f"'{target}' is no heading"


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=name_of)
def test_every_link_to_elsewhere_is_well_formed(page):
    """Whether somebody answers there, 'make linkcheck' asks, which needs the internet."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    linked = re.findall(r"\]\((\w+:[^)\s]+)\)|<(\w+://[^>\s]+)>", text)
    for address in (one or other for one, other in linked):
        parts = urlsplit(address)
        assert (parts.scheme, parts.username, parts.port) == ("https", None, None), address
        assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.netloc), address
        assert re.fullmatch(r"[\w/.~%+=&?;:,@-]*", parts.path + parts.query), address


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as MyST and GitHub make them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, *READMES, *DOCS.glob("*.py"), Path(__file__)], ids=name_of)
def test_no_page_names_a_machine_s_own_folders(page):
    text = page.read_text(encoding="utf-8")
    for folder in ("work", "root", "home"):
        assert f"/{folder}/" not in text


# Commands.


def command_lines(page: Path) -> Iterator[str]:
    """Yield the command lines of derm on a page: in blocks, and between backticks in the text."""
    text = page.read_text(encoding="utf-8")
    # What cog wrote is read off the code, and what a program printed is no command.
    text = re.sub(r"\]\]\] -->.*?<!-- \[\[\[end", "", text, flags=re.DOTALL)
    for line in re.findall(r"^\s*\$? ?((?:\w+=\S+ )*(?:\.venv/bin/)?derm .*)$", BLOCK.sub("", text), re.MULTILINE):
        if line.startswith(("derm", ".venv", "DERM_")):
            yield line
    for body in (body for language, body in BLOCK.findall(text) if language == "text"):
        yield from re.findall(r"^\$ (derm .*)$", body, re.MULTILINE)
    yield from re.findall(r"`(derm [^`]*)`", BLOCK.sub("", text))


def is_prose(line: str) -> bool:
    """Tell whether a line that begins with 'derm' is a sentence, a name or a pattern rather than a command."""
    return "…" in line


LINES = [(page, line) for page in (*PAGES, *READMES) for line in command_lines(page) if not is_prose(line)]


@pytest.mark.parametrize(("page", "line"), LINES, ids=[f"{name_of(page)}: {line}" for page, line in LINES])
def test_every_command_line_parses(page, line):
    words = shlex.split(line, comments=True)
    words = words[next(index for index, word in enumerate(words) if word.endswith("derm")) + 1 :]
    registry = Registry()
    context = root_context(registry)
    command: click.Command = cli
    if words and words[0] in ("--help", "--version"):
        return
    while isinstance(command, click.Group):
        if not words or (words[0] == "--help"):
            return
        if words[0].startswith("-"):
            assert words[0] in {option for each in command.params for option in each.opts} | {"--json"}, words[0]
            if words[0] == "--json":
                return
            words = words[1:]
            continue
        subcommand = command.get_command(context, words[0])
        assert subcommand is not None, f"there is no command '{words[0]}'"
        command, words = subcommand, words[1:]
        context = type(command).context_class(command, info_name=command.name, parent=context)
    used = [word for word in words if word.startswith("-")]
    if "--help" in used:
        return
    options = {option for each in command.get_params(context) for option in (*each.opts, *each.secondary_opts)}
    # A command that is only named, as in `derm evaluate`, may lack its arguments; one that has any must parse.
    assert set(used) <= options, f"unknown options in '{line}'"
    if words:
        command.make_parser(context).parse_args(list(words))
        command.make_context(str(command.name), list(words), parent=context.parent)


def root_context(registry: Registry) -> click.Context:
    context = click.Context(cli, info_name="derm")
    context.obj = Session(load({}, {}))
    context.obj.registry = registry
    return context


# Snippets.


def module_of(code: str, name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(code, f"docs/guides/plugins.md ({name})", "exec"), vars(module))
    return module


@pytest.fixture
def snippets(monkeypatch) -> list[ModuleType]:
    """The modules of docs/guides/plugins.md, as plugins of this environment."""
    *plugins, check_of_the_first = blocks("guides/plugins.md", "python")
    plugins[0] += "\n\n" + check_of_the_first
    modules = [module_of(code, f"docs_snippet_{number}", monkeypatch) for number, code in enumerate(plugins)]
    points = list(metadata.entry_points(group=GROUP))
    points += [metadata.EntryPoint(f"snippet-{number}", each.__name__, GROUP) for number, each in enumerate(modules)]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points)
    return modules


def test_the_plugins_of_the_page_are_in_order(snippets):
    registry = Registry()
    assert registry.get(DatasetSpec, "my-clinic").licence == "ours, not to be passed on"
    assert registry.get(BackboneSpec, "two-convolutions")
    assert registry.get(ScheduleSpec, "top-two")
    assert registry.get(StrategySpec, "target-alone")
    group = click.Group("derm")
    registry.add_commands(group)
    assert list(group.commands) == ["benchmark", "preview", "greet"]
    assert registry.problems == []


def test_the_page_s_epoch_hook_is_told_of_an_epoch(snippets, capsys):
    from derm_cli.plugin import EpochReport

    facts = dict.fromkeys(EpochReport.__dataclass_fields__, 0) | {
        "stage_name": "edra",
        "phase_name": "head",
        "loss": 1.5,
    }
    registry = Registry(only=["snippet-1"])
    registry.tell("derm_epoch_ended", run=None, epoch=EpochReport(**facts))
    assert capsys.readouterr().out == "edra, head: loss 1.500\n"
    assert registry.problems == []


def test_the_page_s_dataset_passes_its_own_test_and_is_read(snippets, tmp_path):
    snippets[0].test_my_clinic(tmp_path)
    frame = snippets[0].read_records(tmp_path)
    assert frame["patient"].tolist() == ["P1", "P1"]


def test_the_page_s_backbone_is_in_order(snippets):
    spec = Registry().get(BackboneSpec, "two-convolutions")
    assert testing.check_backbone(spec).count_params() == spec.parameters


def test_the_page_s_components_give_what_they_should(snippets):
    """Whose results a registry holds to what is declared."""
    import numpy as np

    from derm_cli import plugin as face

    registry, generator = Registry(), np.random.default_rng(0)

    def built(kind, name, *facts):
        spec = registry.get(kind, name)
        return spec.build(spec.component().options, *facts)

    request = face.SamplingRequest(labels=np.array([0, 1, 1]), classes=2, per_class=1, steps=3, progress=0.0)
    assert built(face.SamplerSpec, "at-random")(request, generator).shape == (3, 2)
    classes = tuple(face.LesionClass(name=name, title=name) for name in "AB")
    targets = built(face.TargetSpec, "unsure", face.TargetFacts(labels=np.array([1]), classes=classes))
    assert targets.tolist() == [[0.25, 0.75]]
    assert built(face.MixingSpec, "halves").draw((3, 2), generator).shares.shape == (3, 2)
    rule = built(face.OptimizerSpec, "descent")
    assert rule.update(2.0, 1.0, [], face.Rates(rate=0.5, corrected=0.5, is_kernel=True)) == (1.0, [])
    assert built(face.AverageSpec, "last-epoch").weights(2, 2).tolist() == [0, 0, 1, 0.5]
    assert built(face.AnnealingSpec, "linear")(np.array([0.0, 1.0])).tolist() == pytest.approx([1.0, 0.1])
    photographs = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    assert (built(face.ViewSpec, "both-ways")[1](photographs)[:, :, 0] == photographs[:, :, -1]).all()
    layer = built(face.AugmentationSpec, "brightness", 7)
    changed = np.asarray(layer(photographs.astype("float32"))) - photographs
    assert np.ptp(changed[0]) < 21
    assert len(set(changed.mean(axis=(1, 2, 3)).tolist())) == 2
    assert built(face.LossSpec, "poly", face.LossFacts(counts=(1, 1)))(targets, np.zeros((1, 2)), 0.5).shape == (1,)


def test_the_page_s_exporter_writes_a_file_that_answers_as_the_network(snippets, tmp_path):
    import keras
    import numpy as np

    from derm_cli.plugin import ArtefactFacts, ExporterSpec, LesionClass, Preprocessing

    registry = Registry()
    exporter = registry.get(ExporterSpec, "zipped")
    classes = tuple(LesionClass(name=name, title=name) for name in "AB")
    told = {"backbone": "tiny", "target": "made", "made": True, "derm": "0.1.0"}
    facts = ArtefactFacts(run="one", classes=classes, preprocessing=Preprocessing(size=4), **told)
    entry = keras.Input((4, 4, 3))
    network = keras.Model(entry, keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(entry) / 255.0))
    exporter.export(network, facts, tmp_path / "model.dzip")
    predictor = exporter.load(tmp_path / "model.dzip")
    photographs = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    assert predictor.facts == facts
    assert np.array_equal(predictor(photographs), network.predict_on_batch(photographs.astype("float32")))
    (tmp_path / "other.dzip").write_bytes(b"no archive")
    with pytest.raises(DermError, match=r"other\.dzip' is no network that derm zipped: export it again"):
        exporter.load(tmp_path / "other.dzip")

    parts = registry.get(ExporterSpec, "parts")
    for half, tolerance in ((False, 0.0), (True, 1e-2)):
        path = tmp_path / f"model-{half}.parts"
        parts.export(network, facts, path, parts.component({"half": half}).options)
        given = parts.load(path)(photographs)
        assert np.allclose(given, network.predict_on_batch(photographs.astype("float32")), atol=tolerance, rtol=0)
    with pytest.raises(DermError, match=r"nowhere\.parts' is no folder of a network's parts: export it again"):
        parts.load(tmp_path / "nowhere.parts")


def test_the_page_s_step_of_preprocessing_takes_the_frame_off(snippets):
    import numpy as np

    from derm_cli.plugin import PreprocessingStepSpec, RecipeSpec

    spec = Registry().get(PreprocessingStepSpec, "without-frame")
    testing.check_preprocessing_step(spec)
    photograph = np.pad(np.full((4, 6, 3), 90, np.uint8), ((2, 1), (3, 5), (0, 0)), constant_values=15)
    assert spec.step().apply(photograph, spec.step().options).shape == (4, 6, 3)
    assert spec.step({"dark": 10}).apply(photograph, {"dark": 10}).shape == photograph.shape
    recipe = Registry().get(RecipeSpec, "dermatoscope")
    testing.check_recipe(recipe, Registry())
    assert recipe.values["preprocess"] == ("without-frame:dark=30",)


def test_the_page_s_dataset_with_columns_of_its_own_is_in_order(snippets, tmp_path):
    spec = Registry().get(DatasetSpec, "their-clinic")
    for file in ("MEL/IMG_1.jpg", "NEV/2.jpg"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).touch()
    frame = testing.check_dataset(spec, tmp_path)
    camera, thickness = spec.subgroups
    assert [camera.subgroup(each) for each in frame["camera"]] == ["phone", "dermatoscope"]
    assert thickness.subgroup(frame["breslow"][0]) == "0.8 to under 2 mm"


def test_the_page_s_packager_packs_what_it_verifies(snippets, tmp_path):
    from types import SimpleNamespace

    from derm_cli.plugin import PackagerSpec, PackedModel, VerifyRequest

    packager = Registry().get(PackagerSpec, "side-by-side")
    (tmp_path / "model.onnx").write_bytes(b"a model")
    folder = tmp_path / "packed"
    folder.mkdir()
    facts = '{"run": "one", "classes": [], "preprocessing": {"size": 4}, "backbone": "b", "target": "t"'
    told = SimpleNamespace(to_json=lambda: facts + ', "made": false, "derm": "0.1.0"}')
    models = (PackedModel(path=tmp_path / "model.onnx", exporter="onnx"),)
    packager.pack(SimpleNamespace(models=models, facts=told), folder)
    assert packager.models(folder) == (folder / "model.onnx",)
    assert packager.verify(folder, VerifyRequest()).passed
    (folder / packager.marker).write_text("{}")
    assert not packager.verify(folder, VerifyRequest()).passed


def test_the_page_s_metric_counts_what_mistakes_cost(snippets):
    from derm_cli.evaluation.judging import judge

    (metric,) = [each for name, each in Registry().all(MetricSpec).items() if name == "cost-of-mistakes"]
    testing.check_metric(metric)
    probabilities = [[0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.4, 0.6]]
    table = small("NMMN", "NNMM", "NM", probabilities)
    (found,) = judge(table, {"N": "benign", "M": "malignant"}, draws=0, metrics=(metric,)).plugin_metrics
    assert found.values[""].value == (20 + 1) / 4


def test_the_page_s_section_is_on_the_page_after_the_confusion_matrix(snippets, tmp_path, monkeypatch):
    from derm_cli.evaluation.judging import judge
    from derm_cli.evaluation.reporting.plugin_sections import plugin_sections
    from derm_cli.evaluation.reporting.report import ReportFacts, write_report

    section = Registry().get(ReportSectionSpec, "answers-by-class")
    # Others look for entry points of theirs.
    monkeypatch.undo()
    testing.check_report_section(section)
    table = small("AABB", "ABBB", "AB", [[0.8, 0.2], [0.4, 0.6], [0.3, 0.7], [0.4, 0.6]])
    judgement = judge(table, {}, draws=0)
    added = plugin_sections([section], "Run x", judgement, table, judgement.to_json(), synthetic=False)
    write_report(judgement, table, tmp_path / "r.html", "Run x", ReportFacts(), synthetic=False, added=added)
    page = Page.of((tmp_path / "r.html").read_text(encoding="utf-8"))
    ids = list(page.sections)
    assert ids[ids.index("confusion-matrix") + 1] == "plugin-answers-by-class"
    assert "The classifier answered 4 photographs." in page.words("plugin-answers-by-class")
    assert [about["src"][:22] for tag, about in page.elements if tag == "img"] == ["data:image/png;base64,"]


def test_the_page_s_budget_ends_training(snippets, monkeypatch):
    (module,) = [each for each in snippets if hasattr(each, "BUDGET_SECONDS")]
    facts = dict.fromkeys(EpochReport.__dataclass_fields__, 0) | {"phase_name": "head", "epoch": 2}
    registry = Registry()
    tell = partial(registry.tell, "derm_epoch_ended", run=None, epoch=EpochReport(**facts), seconds_left=None)
    assert module.__name__ not in tell()
    monkeypatch.setattr(module, "BUDGET_SECONDS", 0)
    (request,) = tell().values()
    assert (request.ends, request.reason) == ("run", "an hour is over after 3 epochs of head")


def test_the_page_s_plugin_is_told_of_exports_and_predictions(snippets, tmp_path, capsys):
    (module,) = [each for each in snippets if hasattr(each, "derm_exported")]
    testing.check_tracker(module)
    assert capsys.readouterr().out == "0 of 1 photographs are MEL, 1 cannot be read.\n" * 1 + (
        "0 of 0 photographs are MEL, 0 cannot be read.\n"
    )


def test_the_page_of_types_goes_to_json_and_back():
    exec(compile(blocks("reference/plugin-types.md", "python")[0], "docs/reference/plugin-types.md", "exec"), {})


def test_the_pages_of_plugins_import_the_face_alone(snippets):
    for page in ("guides/plugins.md", "reference/plugin-types.md"):
        for code in blocks(page, "python"):
            modules = re.findall(r"^\s*(?:from|import) (derm_cli\S*|mobile_export\S*)", code, re.MULTILINE)
            assert set(modules) <= {"derm_cli.plugin", "derm_cli.plugin.testing"}, code


def test_the_page_s_schedule_and_strategy_plan(snippets):
    from derm_cli.plugin import DatasetFacts, PlanRequest, ScheduleRequest

    registry = Registry()
    request = ScheduleRequest(blocks=("c", "b", "a"), epochs=2, head_rate=1e-3, block_rate=1e-4)
    phases = registry.get(ScheduleSpec, "top-two").phases(request)
    assert [phase.blocks for phase in phases] == [(), ("c", "b")]
    fading = registry.get(ScheduleSpec, "fading")
    faded = fading.phases(replace(request, options=fading.component({"least": 0.25}).options))
    assert [phase.head_rate for phase in faded] == pytest.approx([1e-3, 5e-4, 2.5e-4])
    datasets = tuple(DatasetFacts(name=name, classes=()) for name in ("first", "last"))
    (stage,) = registry.get(StrategySpec, "target-alone").plan(PlanRequest(datasets=datasets, phases=phases))
    assert stage.datasets == ("last",)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """A small network as ONNX."""
    from derm_cli.engine import backend
    from derm_cli.plan import Preprocessing
    from derm_cli.plugin import ArtefactFacts, LesionClass
    from mobile_export.specs import ONNX

    backend.start(seed=3)
    import keras
    from keras import layers

    folder = tmp_path_factory.mktemp("shipped")
    entry = keras.Input((32, 32, 3))
    flow = layers.Conv2D(8, 5, strides=3, activation="relu")(layers.Rescaling(1 / 127.5, offset=-1)(entry))
    model = keras.Model(entry, layers.Softmax()(layers.Dense(3)(layers.Flatten()(flow))))
    classes = tuple(LesionClass(name=name, title=name) for name in ("NEV", "MEL", "é"))
    facts = ArtefactFacts(
        run="20261124-000000-abcd",
        classes=classes,
        preprocessing=Preprocessing(size=32),
        backbone="made",
        target="made",
        made=True,
        derm="0",
    )
    ONNX.export(model, facts, folder / "model.onnx")
    return folder


def test_the_client_of_the_page_is_the_bundle_s():
    """tests/mobile_export/bundle/test_client.py holds that it gives derm's answers."""
    client, _ = blocks("guides/export.md", "python")
    assert client == (REPOSITORY / "mobile_export" / "bundle" / "client.py").read_text()


def test_the_onnx_client_runs(shipped):
    _, client = blocks("guides/export.md", "python")
    command = [sys.executable, "-c", client, shipped / "model.onnx"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.startswith("{'NEV': 0.")


def test_settings_of_the_pages_are_read(tmp_path):
    for page in ("reference/settings.md", "reference/datasets.md", "tutorial/getting-started.md"):
        for number, text in enumerate(blocks(page, "toml")):
            file = tmp_path / f"{Path(page).stem}-{number}.toml"
            file.write_text(text)
            assert load({}, {"DERM_CONFIG": str(file)}).datasets


def test_the_readme_is_short():
    assert len((REPOSITORY / "README.md").read_text().splitlines()) <= 150
