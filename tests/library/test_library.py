"""``import derm_cli as derm``: cheap, complete, typed, and what the commands have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import derm_cli as derm
from tests.support import library_arguments

EXAMPLE = """
import derm_cli as derm

def tell(report: derm.ProgressReport) -> None:
    print(report.what, report.done)

run = derm.train(
    backbone="effnet-lite0", chain=["imagenet", "ham10000"], target="pad-ufes-20", epochs=3, data_folder="data",
    phase={"loss": "focal"}, progress=tell, on_warning=print,
)
report = derm.evaluate(run, prevalence={"MEL": 0.02}, refer_at=(0.9, 0.95))
reveal_type(run)
reveal_type(report.metrics["macro_f1"].value)
reveal_type(report.classes["MEL"]["f1"].interval)
reveal_type(derm.export(run, formats=["tflite"], quantize=["int8"]))
reveal_type(derm.study("study.toml").page)
table = derm.predict(run, ["a.jpg"], answer={"age": 71})
derm.train(epochs="three")
derm.train(epoch=3)
derm.evaluate(3)
"""
REVEALED = (
    "derm_cli.library.run.Run",
    "float | None",
    "derm_cli.evaluation.intervals.resampling.Interval | None",
    "list[derm_cli.library.exporting.ExportedFile]",
    "pathlib.Path",
)
SKIPPED = (
    "pandas",
    "numpy",
    "derm_cli.cli",
    "derm_cli.workflows",
    "derm_cli.engine",
    "derm_cli.studies",
    "derm_cli.data",
)
WRONG = (
    'Argument "epochs" to "train" has incompatible type "str"; expected "int | None"',
    'Unexpected keyword argument "epoch" for "train"; did you mean "epochs"?',
    'Argument 1 to "evaluate" has incompatible type "int"; expected ',
)


def test_importing_it_imports_nothing_heavy():
    program = (
        "import sys; import derm_cli as derm; names = [*derm.__all__, *dir(derm)]\n"
        "heavy = {'tensorflow', 'keras', 'pandas', 'numpy', 'click', 'pluggy', 'derm_cli.library'}\n"
        "print(sorted(heavy & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", derm.__all__)
def test_every_name_is_there_and_says_what_it_is(name):
    assert getattr(derm, name).__doc__


def test_no_other_name_is():
    with pytest.raises(AttributeError, match="module 'derm_cli' has no attribute 'trian'"):
        derm.trian  # noqa: B018


def test_a_study_is_asked_for_whatever_was_imported_before():
    """The package of studies has another name."""
    program = (
        "import derm_cli as derm; import derm_cli.studies.storage.folder\n"
        "try: derm.study('none', worker=2)\nexcept derm.RequestError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "derm.study has no option 'worker'. Did you mean 'workers'?\n"


def test_arguments_are_typed_as_the_commands_options_are():
    """``python -m tests.support.library_arguments`` writes the module."""
    assert library_arguments.MODULE.read_text(encoding="utf-8") == library_arguments.text()


def test_a_strict_type_checker_knows_it_all(tmp_path: Path):
    # These take most of the time, and nothing that is asked for is of them.
    skipped = "".join(f"[mypy-{each}.*]\nfollow_imports = skip\n" for each in SKIPPED)
    (tmp_path / "mypy.ini").write_text(f"[mypy]\n{skipped}")
    (tmp_path / "example.py").write_text(EXAMPLE)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=mypy.ini", f"--cache-dir={tmp_path / 'cache'}"]
    options = ["--follow-imports=silent", "--ignore-missing-imports", "--hide-error-context", "example.py"]
    done = subprocess.run([*command, *options], check=False, capture_output=True, text=True, cwd=tmp_path)
    lines = done.stdout.splitlines()
    told = [line.partition("note: Revealed type is ")[2].strip('"') for line in lines if "Revealed" in line]
    assert told == list(REVEALED)
    errors = [line.partition("error: ")[2] for line in lines if ": error: " in line]
    assert len(errors) == len(WRONG), done.stdout
    for error, wrong in zip(errors, WRONG, strict=True):
        assert error.startswith(wrong)
