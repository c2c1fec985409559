"""STUDY.toml, or the same as a table of Python: what a study asks for, checked value by value."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derm_cli.encoding import EncodingFault, decode_text
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.studies.asking.grid import grid_rows
from derm_cli.studies.asking.spec import PUBLISHED, StudyRow, StudySpec, TrainOptions
from derm_cli.workflows.training import limits

KEYS = ("title", "seeds", "folds", "reference", "options", "grid", "exclude", "rows")
"""The keys of a study's file."""
OF_A_ROW = ("name", "published")
"""The keys of a row that are no options of ``derm train``."""
MOST_FOLDS = 100
NOT_OF_A_ROW = {
    "seed": "give seeds = [0, 1, 2] above the tables",
    "folds": "give folds = 5 above the tables",
    "fold": "give folds = 5 above the tables",
    "resume": "'derm study resume' goes on with a study",
    "repeat": "'derm train --repeat' does that",
    "dry-run": "'derm study plan' does that",
    "json": "'derm study show --json' does that",
    "open": "'derm study report' writes a page",
    "ensemble": "'derm study choose' makes one of the folds",
    "no-store": "a study trains each beginning once",
}
"""Options of ``derm train`` that a study has in another place, or not at all: what to do."""


def read_study_file(path: Path, options: TrainOptions, overrides: Mapping[str, Any] | None = None) -> StudySpec:
    """Return the study of a TOML file, which is called as the file is; ``overrides`` are as in :func:`study_of`.

    Raises RequestError where the file cannot be read, is no TOML, or asks for what there is not.
    """
    try:
        content = tomllib.loads(decode_text(path.read_bytes()).replace("\r\n", "\n"))
    except OSError as error:
        raise RequestError(f"The study '{path}' cannot be read ({error.strerror}): name a file of yours.") from error
    except EncodingFault as fault:
        raise RequestError(f"The study '{path}' {fault}: save it as text in UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"The study '{path}' is not valid TOML ({error}): mend that place.") from error
    return study_of(path.stem, content, options, overrides)


def study_of(
    name: str, content: Mapping[str, Any], options: TrainOptions, overrides: Mapping[str, Any] | None = None
) -> StudySpec:
    """Return the study of a table such as STUDY.toml holds.

    ``overrides`` are options of ``derm train``, ``seeds`` or ``folds`` that win over those of the file, in all rows.
    Raises RequestError for a key that is none, with the nearest, and for a value that is none of its option's.
    """
    for key in content:
        if key not in KEYS:
            if key in NOT_OF_A_ROW:
                raise RequestError(f"A study has no key '{key}': {NOT_OF_A_ROW[key]}.")
            near = did_you_mean(key, KEYS)
            if key in options.names:
                near = " It is an option of a training: put it under [options], or vary it under [grid]."
            raise RequestError(f"A study has no key '{key}'.{near}")
    given = dict(overrides or {})
    seeds = _seeds(given.pop("seeds", content.get("seeds", [0])))
    folds = _folds(given.pop("folds", content.get("folds", 0)))
    over = _options("the command", given, options)
    common = {**_options("[options]", _table(content, "options"), options), **over}
    grid = {
        option: [_checked("[grid]", option, value, options) for value in _values(option, values)]
        for option, values in _table(content, "grid").items()
        if _known("[grid]", option, options)
    }
    for twice in over.keys() & grid.keys():
        raise RequestError(f"'{twice}' is varied under [grid], but the command gives it too: leave one of them out.")
    excluded = [
        {option: _either("[[exclude]]", option, value, options) for option, value in entry.items()}
        for entry in _tables(content, "exclude")
        if all(_known("[[exclude]]", option, options) for option in entry)
    ]
    if excluded and not grid:
        raise RequestError("A study has [[exclude]], but no [grid] that it takes rows out of: leave it out.")
    rows = grid_rows(grid, excluded, common, options)
    rows += [_row(entry, common, over, options) for entry in _tables(content, "rows")]
    if not rows:
        rows = [StudyRow("default", common)]
    return StudySpec(name, tuple(rows), _text(content, "title"), seeds, folds, _text(content, "reference"))


def _row(
    entry: Mapping[str, Any], common: Mapping[str, Any], over: Mapping[str, Any], options: TrainOptions
) -> StudyRow:
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise RequestError(f"A row of [[rows]] has the name '{name}', but must have one, as in name = \"large\".")
    where = f"row '{name}'"
    own = _options(where, {key: value for key, value in entry.items() if key not in OF_A_ROW}, options)
    published = entry.get("published", {})
    if not isinstance(published, dict):
        raise RequestError(
            f"'published' of {where} is '{published}', but must be a table, as in {{ accuracy = 42.7 }}."
        )
    for metric, value in published.items():
        if metric not in PUBLISHED:
            raise RequestError(f"'published' of {where} has '{metric}'.{did_you_mean(metric, PUBLISHED)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise RequestError(f"'{metric}' published for {where} is '{value}', but must be percent, from 0 to 100.")
    shares = {metric: value / 100 for metric, value in published.items()}
    return StudyRow(name, {**common, **own, **over}, shares)


def _options(where: str, given: Mapping[str, Any], options: TrainOptions) -> dict[str, Any]:
    return {
        name: _checked(where, name, value, options) for name, value in given.items() if _known(where, name, options)
    }


def _known(where: str, name: str, options: TrainOptions) -> bool:
    """Return True for an option that a row can have.  Raises RequestError for any other."""
    if name in NOT_OF_A_ROW:
        raise RequestError(f"'{name}' stands in {where}, but is no option of a row: {NOT_OF_A_ROW[name]}.")
    if name not in options.names:
        raise RequestError(f"{where}: 'derm train' has no option '{name}'.{did_you_mean(name, options.names)}")
    return True


def _checked(where: str, name: str, value: object, options: TrainOptions) -> Any:
    try:
        return options.checked(name, value)
    except ValueError as error:
        raise RequestError(f"'{name}' in {where} is '{value}', but {error}.") from None


def _either(where: str, name: str, value: object, options: TrainOptions) -> Any:
    """Return one value of an option, or a list of several."""
    try:
        return options.checked(name, value)
    except ValueError:
        if isinstance(value, list):
            return [_checked(where, name, each, options) for each in value]
        return _checked(where, name, value, options)


def _values(name: str, values: object) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise RequestError(f"'{name}' in [grid] is '{values}', but must be a list of values, as in {name} = [\"…\"].")
    for each in values:
        if values.count(each) > 1:
            raise RequestError(f"'{name}' in [grid] has '{each}' twice: name each value once.")
    return values


def _seeds(value: object) -> tuple[int, ...]:
    values = value if isinstance(value, list | tuple) and value else [value]
    for each in values:
        if isinstance(each, bool) or not isinstance(each, int) or not 0 <= each <= limits.SEED:
            raise RequestError(f"'seeds' is '{value}', but must be a list of whole numbers, as in seeds = [0, 1, 2].")
    return tuple(values)


def _folds(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not (value == 0 or 2 <= value <= MOST_FOLDS):
        raise RequestError(f"'folds' is '{value}', but must be a whole number from 2 to {MOST_FOLDS}, or 0 for none.")
    return value


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise RequestError(f"'{key}' of the study is '{value}', but must be a table: [{key}].")
    return value


def _tables(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, dict) and each for each in value):
        raise RequestError(f"'{key}' of the study is '{value}', but must be tables: [[{key}]].")
    return value


def _text(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str) or not value.isprintable():
        raise RequestError(f"'{key}' of the study is '{value}', but must be a line of text in quotes.")
    return value
