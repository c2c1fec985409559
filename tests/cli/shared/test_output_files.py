"""Every file that a command writes where it is told to: no input, no part of a dataset or run, no file of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from derm_cli.cli import cli
from derm_cli.cli.shared.output_files import InputFile, OutputFile, OutputFolder, WritingCommand
from tests.support import trees

TABLE = "case_id,label,prediction\n" + "".join(f"c{row},{'ab'[row % 2]},{'ab'[row % 3 % 2]}\n" for row in range(12))
FOREIGN = "somebody's own work\n"


def commands(group: click.Group, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command below ``group`` with its words."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *names, name)
        else:
            yield (*names, name), command


def parameters() -> Iterator[tuple[tuple[str, ...], click.Command, click.Parameter]]:
    for words, command in commands(cli):
        for parameter in command.params:
            yield words, command, parameter


WRITTEN = [
    (words, parameter.opts[0]) for words, _, parameter in parameters() if isinstance(parameter.type, OutputFile)
] + [(("predict",), "--map")]
FOLDERS = [(words, parameter) for words, _, parameter in parameters() if isinstance(parameter.type, OutputFolder)]

ARGUMENTS: dict[tuple[str, ...], Callable[[Path], list[str | Path]]] = {
    ("evaluate",): lambda root: ["--predictions", root / "t.csv", "--draws", "0"],
    ("runs", "compare"): lambda root: [root / "t.csv", root / "u.csv", "--draws", "0"],
    ("data", "check"): lambda _: ["pad-ufes-20"],
    ("data", "show"): lambda _: ["pad-ufes-20", "--size", "32", "--per-class", "1"],
    ("predict",): lambda root: [root / "model.tflite", root / "photograph.png"],
}
"""By command, what makes it write: a new command that writes needs a line."""
INPUTS = {("evaluate",): "t.csv", ("runs", "compare"): "u.csv", ("predict",): "photograph.png"}
"""By command, a file that it reads then; of the others, their dataset is all that they read."""
SUFFIXES = {
    "--csv": ".csv",
    "--fhir": ".json",
    "--latex": ".tex",
    "--table": ".csv",
    "--report": ".html",
    "--checklist": ".md",
    "--html": ".html",
    "--picture": ".png",
    "--to": ".png",
    "--map": ".png",
}


@pytest.fixture
def files(place):
    """A place with tables, a photograph, an artefact by its name, a dataset and the folder of a run."""
    trees.make_pad(place.data / "pad-ufes-20", per_class=2)
    for name in ("t.csv", "u.csv"):
        (place.root / name).write_text(TABLE, encoding="utf-8")
    photograph = next((place.data / "pad-ufes-20").rglob("*.png"))
    (place.root / "photograph.png").write_bytes(photograph.read_bytes())
    (place.root / "model.tflite").write_bytes(b"no model")
    (place.runs / "20260101-000000-abcd").mkdir(parents=True)
    (place.runs / "20260101-000000-abcd" / "run.json").write_text("{}", encoding="utf-8")
    return place


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def refusal(place, words, option, path, *more: str) -> str:
    """Call a command that must refuse ``path``, and hold that no file was changed."""
    before = contents(place.root)
    sentence = place.refused(*words, *ARGUMENTS[words](place.root), option, path, *more, exit_status=2)
    assert contents(place.root) == before
    assert option in sentence
    return sentence


def test_every_parameter_that_names_a_file_says_whether_it_is_read_or_written():
    for words, command, parameter in parameters():
        # A plugin's command has no such types: what it writes, it checks itself.
        if not command.callback.__module__.startswith("derm_cli."):
            assert not getattr(parameter.type, "writable", False), words
            continue
        named = f"{' '.join(words)} {parameter.opts[0]}"
        names_file = isinstance(parameter.type, click.Path | click.File)
        names_file = names_file or any(each in (parameter.metavar or "") for each in ("FILE", "DIR"))
        if names_file:
            assert isinstance(parameter.type, InputFile | OutputFile | OutputFolder), named


def test_every_command_that_writes_checks_what_it_writes():
    for words, command, parameter in parameters():
        if isinstance(parameter.type, OutputFile | OutputFolder):
            assert isinstance(command, WritingCommand), words
        if isinstance(parameter.type, OutputFile):
            assert "force" in {each.name for each in command.params}, words
            assert words in ARGUMENTS, f"'derm {' '.join(words)}' writes a file and is not tried here"
            assert parameter.opts[0] in SUFFIXES, words


def test_every_command_that_writes_in_a_folder_is_known_here():
    assert {words for words, _ in FOLDERS} == {
        ("data", "template"),
        ("data", "download"),
        ("plugins", "new"),
        ("predict",),
    }


@pytest.mark.parametrize(("words", "option"), [each for each in WRITTEN if each[0] in INPUTS])
@pytest.mark.parametrize("way", ["itself", "another spelling", "link", "hard link"])
def test_no_input_is_overwritten(files, words, option, way):
    read = files.root / INPUTS[words]
    path = files.root / f"link{SUFFIXES[option]}"
    if way == "itself":
        path = read
    elif way == "another spelling":
        path = files.root / "data" / ".." / read.name
    elif way == "link":
        path.symlink_to(read)
    else:
        path.hardlink_to(read)
    for more in ((), ("--force",)):
        assert "would overwrite" in refusal(files, words, option, path, *more)


@pytest.mark.parametrize(("words", "option"), WRITTEN)
@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("data/pad-ufes-20", "the folder of dataset 'pad-ufes-20'"),
        ("data/pad-ufes-20/images", "the folder of dataset 'pad-ufes-20'"),
        ("linked", "the folder of dataset 'pad-ufes-20'"),
        ("runs/20260101-000000-abcd", "is in the folder of run '20260101-000000-abcd'"),
        ("runs/20260101-000000-abcd/artefacts", "is in the folder of run '20260101-000000-abcd'"),
        ("cache/packs", "is in derm's cache"),
        ("t.csv", "a file stands where its folder should be"),
    ],
)
def test_nothing_is_written_where_derm_reads(files, words, option, folder, reason):
    (files.root / "linked").symlink_to(files.data / "pad-ufes-20", target_is_directory=True)
    path = files.root / folder / f"new{SUFFIXES[option]}"
    for more in ((), ("--force",)):
        assert reason in refusal(files, words, option, path, *more)


@pytest.mark.parametrize(("words", "option"), WRITTEN)
def test_a_file_that_derm_did_not_write_is_replaced_with_force_alone(files, words, option):
    path = files.root / f"mine{SUFFIXES[option]}"
    path.write_text(FOREIGN, encoding="utf-8")
    assert "is there already, and derm did not write it" in refusal(files, words, option, path)
    if words == ("predict",):
        return
    asked = (*words, *ARGUMENTS[words](files.root), option, path)
    files.derm(*asked, "--force")
    written = path.read_bytes()
    assert FOREIGN.encode() not in written
    files.derm(*asked)
    path.write_bytes(written + b"an edit")
    assert "or it was changed since" in refusal(files, words, option, path)


@pytest.mark.parametrize(("words", "option"), WRITTEN)
def test_the_settings_and_devices_are_no_outputs(files, words, option):
    settings = files.root / f"settings{SUFFIXES[option]}"
    settings.write_text("", encoding="utf-8")
    asked = (*words, *ARGUMENTS[words](files.root), option)
    sentence = files.refused(*asked, settings, "--force", exit_status=2, DERM_CONFIG=str(settings))
    assert "would overwrite" in sentence
    pipe = files.root / f"nowhere{SUFFIXES[option]}"
    pipe.symlink_to("/dev/null")
    assert "is no regular file" in refusal(files, words, option, pipe, "--force")


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        (words, first, second)
        for words in (("evaluate",), ("runs", "compare"))
        for first, second in (("--csv", "--latex"), ("--latex", "--csv"))
    ]
    + [(("evaluate",), first, second) for first, second in (("--report", "--picture"), ("--table", "--csv"))],
)
def test_two_options_do_not_write_one_file(files, words, first, second):
    sentence = refusal(files, words, first, files.root / "out", second, files.root / "runs" / ".." / "out")
    assert "both name" in sentence
    assert second in sentence


def test_the_usual_file_of_a_contact_sheet_is_checked_too(files, monkeypatch):
    (files.root / "work").mkdir()
    monkeypatch.chdir(files.root / "work")
    asked = ("data", "show", "pad-ufes-20", "--size", "32", "--per-class", "1")
    Path("pad-ufes-20.png").write_text(FOREIGN, encoding="utf-8")
    assert "--to 'pad-ufes-20.png' is there already" in files.refused(*asked, exit_status=2)
    files.derm(*asked, "--force")
    files.derm(*asked)
    monkeypatch.chdir(files.data / "pad-ufes-20")
    assert "the folder of dataset" in files.refused(*asked, exit_status=2)


def test_each_map_of_a_folder_is_checked(files):
    (files.root / "maps").mkdir()
    (files.root / "maps" / "photograph-map.png").write_text(FOREIGN, encoding="utf-8")
    sentence = refusal(files, ("predict",), "--map", files.root / "maps")
    assert "photograph-map.png' is there already" in sentence


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("data/pad-ufes-20/mine", "the folder of dataset 'pad-ufes-20'"),
        ("runs/20260101-000000-abcd/mine", "in the folder of run '20260101-000000-abcd'"),
        ("cache/mine", "in derm's cache"),
    ],
)
@pytest.mark.parametrize(
    "words", [("data", "template", "csv"), ("data", "download", "pad-ufes-20", "--dry-run", "--to")]
)
def test_no_folder_is_made_where_derm_reads(files, words, folder, reason):
    before = contents(files.root)
    assert reason in files.refused(*words, files.root / folder, exit_status=2)
    assert contents(files.root) == before


def test_a_template_may_be_the_folder_of_a_dataset(place):
    place.derm("data", "template", "dermai", place.data / "dermai")
    assert any((place.data / "dermai").iterdir())


TRAIN = ("train", "--chain", "pad-ufes-20", "--backbone", "effnet-lite0", "--size", "32")
WORKING = {
    "--runs": [(*TRAIN,), (*TRAIN, "--dry-run"), (*TRAIN, "--folds", "2"), (*TRAIN, "--folds", "2", "--dry-run")],
    "--cache": [
        (*TRAIN,),
        (*TRAIN, "--dry-run"),
        ("data", "ingest", "pad-ufes-20", "--size", "32"),
        ("data", "check", "pad-ufes-20"),
        ("data", "show", "pad-ufes-20", "--size", "32", "--to", "new.png"),
        ("cache", "clean", "--all", "--yes"),
        ("evaluate", "--predictions", "t.csv", "--csv", "new.csv"),
    ],
}
"""By setting, the commands that write in its folder."""


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("data/pad-ufes-20", "the folder of dataset 'pad-ufes-20', which derm reads and does not change"),
        ("data/pad-ufes-20/new", "the folder of dataset 'pad-ufes-20', which derm reads and does not change"),
        ("linked/new", "the folder of dataset 'pad-ufes-20', which derm reads and does not change"),
        ("data/ham10000/new", "the folder of dataset 'ham10000', which derm reads and does not change"),
        ("mine/new", "the folder of dataset 'mine', which derm reads and does not change"),
        ("runs/20260101-000000-abcd/new", "is in the folder of run '20260101-000000-abcd'"),
        ("runs/20260101-000000-abcd", "is in the folder of run '20260101-000000-abcd'"),
    ],
)
@pytest.mark.parametrize(("option", "words"), [(option, words) for option in WORKING for words in WORKING[option]])
def test_runs_and_the_cache_are_not_written_among_photographs(files, monkeypatch, option, words, folder, reason):
    monkeypatch.chdir(files.root)
    (files.root / "linked").symlink_to(files.data / "pad-ufes-20", target_is_directory=True)
    for name in ("data/ham10000", "mine"):
        (files.root / name).mkdir(exist_ok=True)
    (files.root / "derm.toml").write_text("[datasets.mine]\nreader = 'folder'\npath = 'mine'\n", encoding="utf-8")
    before = contents(files.root)
    sentence = files.refused(option, folder, *words, exit_status=2)
    assert contents(files.root) == before
    assert f"{option} '{folder}'" in sentence
    assert reason in sentence


@pytest.mark.parametrize("option", WORKING)
def test_it_does_not_matter_where_the_folder_was_named(files, option):
    folder = files.data / "pad-ufes-20" / "new"
    variable = {f"DERM_{option[2:].upper()}": str(folder)}
    assert "the folder of dataset" in files.refused(*WORKING[option][1], exit_status=2, **variable)


def test_runs_are_not_written_into_the_cache(files):
    assert "is in derm's cache" in files.refused("--runs", files.root / "cache" / "runs", *TRAIN, exit_status=2)


def test_runs_and_the_cache_may_lie_beside_datasets(place):
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    for option in WORKING:
        place.derm(option, place.data / "beside", *TRAIN, "--dry-run")
