"""The files that stand for the project: changelog, citation, checks before a commit, and what coverage measures."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from derm_cli import __version__

REPOSITORY = Path(__file__).parents[2]
CITATION_SCHEMA = Path(__file__).parent / "citation-1.2.0.schema.json"
"""The schema of the Citation File Format 1.2.0 as its makers publish it (CC BY 4.0), without blanks."""
HEADING = re.compile(r"^## \[(Unreleased|\d+\.\d+\.\d+)\](?: - (\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def locked(package: str) -> str:
    """Return the version of a package in requirements.lock."""
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    (version,) = re.findall(rf"^{package}==(\S+)", lock, re.MULTILINE)
    return str(version)


@pytest.fixture
def citation() -> dict:
    return yaml.load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"), yaml.BaseLoader)  # type: ignore[no-any-return]


@pytest.fixture
def schema() -> dict:
    return json.loads(CITATION_SCHEMA.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def numbered(value: object) -> object:
    """Return the citation with years as the numbers that the schema wants; a version stays a text."""
    if isinstance(value, dict):
        return {name: int(each) if name == "year" else numbered(each) for name, each in value.items()}
    return [numbered(each) for each in value] if isinstance(value, list) else value


def test_the_citation_keeps_to_its_schema_and_names_this_version(citation, schema):
    jsonschema.validate(numbered(citation), schema)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (__version__, project["license"])


@pytest.mark.parametrize(("key", "value"), [("license", "mine"), ("authors", []), ("date-released", "today")])
def test_a_citation_that_is_wrong_is_found(citation, schema, key, value):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(numbered({**citation, key: value}), schema)


def test_the_paper_is_cited_as_the_readme_cites_it(citation):
    readme = " ".join((REPOSITORY / "README.md").read_text(encoding="utf-8").replace("\n> ", " ").split())
    (paper,) = citation["references"]
    authors = ", ".join(each["family-names"] for each in paper["authors"])
    assert f"{authors}: {paper['title']}. {paper['conference']['name']}." in readme


def test_the_changelog_begins_with_what_is_unreleased_and_keeps_to_its_kinds():
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = HEADING.findall(text)
    assert versions[0] == ("Unreleased", "")
    assert all(date for _, date in versions[1:])
    assert len(versions) == text.count("\n## ")
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= KINDS
    if len(versions) == 1:
        assert f"version {__version__}" in text


def test_the_checks_before_a_commit_have_the_versions_of_the_lock():
    configured = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    of_others = {each["repo"]: each for each in configured["repos"] if each["repo"] != "local"}
    assert list(of_others) == ["https://github.com/astral-sh/ruff-pre-commit"]
    assert of_others["https://github.com/astral-sh/ruff-pre-commit"]["rev"] == f"v{locked('ruff')}"


def test_the_checks_before_a_commit_are_those_of_make_lint():
    """Of those in the environment, letter for letter; ruff's come as its makers' hooks."""
    configured = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for each in configured["repos"] for hook in each["hooks"]]
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None
    wanted = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    local = [hook["entry"] for hook in hooks if "entry" in hook]
    assert [line for line in wanted if "ruff" not in line] == local
    assert [hook["id"] for hook in hooks if "entry" not in hook] == ["ruff-check", "ruff-format"]


def test_coverage_is_measured_of_all_that_the_wheel_has():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packages = project["hatch"]["build"]["targets"]["wheel"]["packages"]
    sources = project["coverage"]["run"]["source"]
    assert all(any(package == source or package.startswith(f"{source}/") for source in sources) for package in packages)


@pytest.mark.parametrize("target", ["docs", "linkcheck", "pictures", "coverage-report", "coverage"])
def test_a_target_of_make_is_told_on_the_contributing_page(target):
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert f"`make {target}" in (REPOSITORY / "docs" / "contributing.md").read_text(encoding="utf-8")
