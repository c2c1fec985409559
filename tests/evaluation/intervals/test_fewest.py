"""The fewest patients stand in one place, each with what gave it."""

from __future__ import annotations

import ast
from pathlib import Path

from derm_cli.evaluation import intervals
from derm_cli.evaluation.intervals import fewest

HERE = Path(fewest.__file__)


def test_each_has_its_simulation_beside_it() -> None:
    body = ast.parse(HERE.read_text()).body[1:]
    names = [node for node in body if isinstance(node, ast.Assign)]
    assert len(names) >= 7
    for node in names:
        told = body[body.index(node) + 1]
        assert isinstance(told, ast.Expr)
        assert any(word in ast.literal_eval(told.value) for word in ("%", "variance", "points"))


def test_no_other_module_of_the_evaluation_has_one_of_its_own() -> None:
    own = [
        path.name
        for path in sorted(Path(intervals.__file__).parents[1].rglob("*.py"))
        if path != HERE and any(line.startswith("FEWEST") for line in path.read_text().splitlines())
    ]
    assert own == []
