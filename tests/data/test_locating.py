"""A dataset is located by derm.toml or the data folder; an unknown name suggests the user's own as well."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from derm_cli.config import load
from derm_cli.data.locating import locate, settings_lines
from derm_cli.errors import DermError, RequestError
from derm_cli.plugin.registry import Registry

TOML = """
[datasets.my-clinic]
path = "clinic"
reader = "csv"

["datasets"."Klinik Süd"]
path = "süd"

[datasets.mistyped]
reader = "foldr"
"""


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("my-clinc", "There is no dataset 'my-clinc'. Did you mean 'my-clinic'?"),
        ("My-Clinic", "Did you mean 'my-clinic' or"),
        ("lesion-of-may", "There is no dataset 'lesion-of-may'. Did you mean 'lesions-of-may'?"),
        ("edar", "There is no dataset 'edar'. Did you mean 'edra'"),
        (
            "lesions-of-may",
            "data/lesions-of-may', or say how in derm.toml:\n    [datasets.lesions-of-may]\n    path = ",
        ),
        ("My lesions", "name it by its path, "),
        ("run:May", "run:May' is there, but its name begins with 'run:', which stands for a run's weights in a"),
        ("a,b", "is there, but its name has a comma, which stands between the datasets of a chain: rename it."),
        (
            "mistyped",
            "'reader' in [datasets.mistyped] is 'foldr', but no plugin reads such datasets. Did you mean 'fol",
        ),
        (
            "Klinik Süd",
            "no plugin reads a dataset 'Klinik Süd': say how, with these lines in place of its own:\n    [datasets.\"",
        ),
    ],
)
def test_what_is_no_dataset_is_told_with_what_may_be_meant(name: str, sentence: str, tmp_path: Path) -> None:
    for folder in ("lesions-of-may", "My lesions", "run:May", "a,b"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    (tmp_path / "derm.toml").write_text(TOML.replace('"datasets"', "datasets"), encoding="utf-8")
    settings = load({"data": str(tmp_path / "data")}, {"DERM_CONFIG": str(tmp_path / "derm.toml")})
    with pytest.raises(RequestError) as caught:
        locate(name, settings, Registry())
    assert sentence in str(caught.value)


@pytest.mark.parametrize("name", ["lesions", "My lesions", 'a"b', "Süd", "back\\slash", "tab\t"])
def test_the_lines_that_are_shown_can_be_pasted(name, tmp_path):
    lines = settings_lines(name, tmp_path / name, "csv")
    assert tomllib.loads(lines) == {"datasets": {name: {"path": str(tmp_path / name), "reader": "csv"}}}


def test_without_a_data_folder_the_plugins_are_suggested(tmp_path: Path) -> None:
    with pytest.raises(DermError, match="Did you mean 'edra'"):
        locate("edraa", load({"data": str(tmp_path / "nowhere")}, {}), Registry())
