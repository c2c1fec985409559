from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.paired import paired_comparison
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.tables.comparison import comparison_tables
from derm_cli.evaluation.reporting.tables.table import Number
from tests.support.synthetic_tables import random_table


def test_rows_and_differences() -> None:
    first = random_table(0, 300, 3)
    better = first.predictions.copy()
    better[:60] = first.labels[:60]
    tables = {"one": first, "two": Predictions(**{**vars(first), "predictions": better}), "three": first}
    evaluations = {name: evaluation_of(each, draws=40) for name, each in tables.items()}
    comparisons = {name: paired_comparison(first, tables[name], ("one", name)) for name in ("two", "three")}
    comparison, differences, *changes = comparison_tables(evaluations, comparisons)
    assert [row[0] for row in comparison.rows] == ["one", "two", "three"]
    assert [row[0] for row in differences.rows] == ["two", "three"]
    assert len(changes) == 2
    for table in (comparison, differences, *changes):
        assert {len(row) for row in table.rows} == {len(table.header)}
    cells = dict(zip(differences.header, differences.rows[0], strict=True))
    assert isinstance(cells["accuracy"], Number)
    expected = evaluations["two"].accuracy - evaluations["one"].accuracy
    assert abs((cells["accuracy"].value or 0) - expected) < 1e-12
    assert cells["right: one alone"] == 0
    assert cells["right: it alone"] == comparisons["two"].only_second > 0
    assert shown(dict(zip(differences.header, differences.rows[1], strict=True))["McNemar's p"]) == "1.0000"
    assert [row[0] for row in changes[0].rows] == list(first.classes)
