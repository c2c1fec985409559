"""The tables of a study's report, from the answers of its rows and how they differ from the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.metrics.paired import PairedComparison
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference
from derm_cli.evaluation.reporting.tables.comparison import comparison_tables
from derm_cli.evaluation.reporting.tables.table import Cell, Number, Row, Table, metric_cell
from derm_cli.studies.asking.spec import PUBLISHED
from derm_cli.studies.judging.answers import RowAnswers, StudyAnswers
from derm_cli.studies.judging.cost import StudyCost
from derm_cli.studies.judging.pareto import ParetoFront, WorthPoint
from derm_cli.studies.judging.row_spread import Deviation, RowSpread, deviations
from derm_cli.studies.reporting.cost_table import cost_table

CHANGE = "f1"
"""The metric of a class by which the report tells what changed, as the paper's section IV does."""
SPREAD_METRICS = ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "auc")


def study_tables(
    answers: StudyAnswers,
    evaluations: Mapping[str, Evaluation],
    comparisons: Mapping[str, PairedComparison],
    cost: StudyCost,
    fronts: Sequence[ParetoFront] = (),
) -> list[Table]:
    """Return every table of a report; ``evaluations`` are of the mean answers of the rows, by name."""
    tables = [paper_table(answers)]
    if evaluations:
        compared = comparison_tables(evaluations, comparisons)
        tables.append(_mean_answers(answers, next(compared)))
    if comparisons:
        tables.append(_of_rows(next(compared), answers.whole[0].name))
        tables.append(class_changes_table(answers.whole[0].name, comparisons))
    if any(len(each.trainings) > 1 for each in answers.whole):
        tables.append(spread_of_rows(answers.whole, deviations(answers.record.spec)))
    tables.append(cost_table(answers.rows, cost))
    if fronts:
        tables.append(pareto_table(fronts))
    unfinished = list(_unfinished(answers.rows))
    if unfinished:
        header = ("training", "row", "seed", "fold", "status", "reason")
        tables.append(
            Table(
                "unfinished",
                "Trainings that did not finish, and rows that cannot be judged",
                header,
                tuple(unfinished),
                keys=2,
            )
        )
    return tables


def paper_table(answers: StudyAnswers) -> Table:
    """Return the rows in the paper's form: accuracy, weighted and macro F1 in percent with two decimals.

    Of several trainings it is the mean, with the sample standard deviations between seeds and between folds beside;
    what was published stands beside these.
    """
    apart = deviations(answers.record.spec) if answers.whole else ()
    has_published = any(each.row.published for each in answers.rows)
    header, rows = ["row"], []
    for name in PUBLISHED:
        heading = OVERALL_METRICS[name].heading
        deviating = [f"± sd, {each.between}" if len(apart) > 1 else "± sd" for each in apart]
        header += [heading, *deviating, *(["published %"] if has_published else [])]
    for row in answers.rows:
        cells: list[Cell] = [row.name]
        for name in PUBLISHED:
            spread = RowSpread.of({}) if row.fault else RowSpread.of_row(row, name)
            cells += map(_percent, (spread.trainings.mean, *(each.sd(spread) for each in apart)))
            if has_published:
                cells.append(_percent(row.row.published.get(name)))
        rows.append(tuple(cells))
    title = "Accuracy, weighted and macro F1"
    if apart:
        title += f": the mean of the trainings of each row, and the standard deviation {' and '.join(map(str, apart))}"
    return Table("paper", title, tuple(header), tuple(rows))


def _percent(value: float | None) -> Number:
    return Number(value, decimals=2)


def _mean_answers(answers: StudyAnswers, table: Table) -> Table:
    """Return the table of overall metrics under a title that says of whose answers they are."""
    several = len(answers.whole[0].trainings)
    title = "Overall metrics on the test photographs, with 95 % intervals"
    if several > 1:
        title = f"Overall metrics of the mean answers of {several} trainings a row, with 95 % intervals"
    return replace(_of_rows(table), name="answers", title=title)


def _of_rows(table: Table, first: str = "") -> Table:
    """Return a table of runs as one of a study's rows, of which ``first`` is the reference."""
    words = {f"right: {first} alone": "right: the reference alone", "right: it alone": "right: the row alone"}
    return replace(table, header=("row", *(words.get(heading, heading) for heading in table.header[1:])))


def class_changes_table(reference: str, comparisons: Mapping[str, PairedComparison]) -> Table:
    """Return a row a study's row: by how many points the F1 of each class differs from the reference's."""
    classes = list(next(iter(comparisons.values())).per_class)
    rows: list[Row] = []
    for name, comparison in comparisons.items():
        found = {label: _change(each) for label, each in comparison.per_class.items()}
        cells = (Number(None) if found[label] is None else _number(found[label]) for label in classes)
        rows.append((name, *cells))
    title = f"Changes by class: points of F1 more than {reference}"
    return Table("changes", title, ("row", *classes), tuple(rows))


def _change(differences: Sequence[MetricDifference]) -> MetricDifference | None:
    return next((each for each in differences if each.name == CHANGE), None)


def _number(each: MetricDifference | None) -> Number:
    return Number(None) if each is None else Number(each.difference, each.interval)


def spread_of_rows(rows: Sequence[RowAnswers], apart: Sequence[Deviation]) -> Table:
    """Return mean, standard deviations and ends of each metric over the trainings of each row."""
    lines: list[Row] = []
    for row in rows:
        for name in SPREAD_METRICS:
            metric = OVERALL_METRICS[name]
            spread = RowSpread.of_row(row, name)
            whole = spread.trainings
            values = (whole.mean, *(each.sd(spread) for each in apart), whole.lowest, whole.highest)
            lines.append((row.name, metric.heading, *(metric_cell(metric, value) for value in values), whole.models))
    between = [f"sd between {each.between}" for each in apart]
    header = ("row", "metric", "mean", *between, "lowest", "highest", "trainings")
    title = f"Spread: each training by itself, and the standard deviation (sd) {' and '.join(map(str, apart))}"
    return Table("spread", title, header, tuple(lines), keys=2)


def pareto_table(fronts: Sequence[ParetoFront]) -> Table:
    """Return rows by worth and by each cost, which of them no other beats, and which the data cannot tell apart."""
    names = list(dict.fromkeys(point.row for front in fronts for point in front.points))
    lines: list[Row] = []
    for name in names:
        points = [front.point(name) for front in fronts]
        known = next(point for point in points if point is not None)
        cells: list[Cell] = [name, Number(known.worth, known.interval)]
        for front, point in zip(fronts, points, strict=True):
            cells += _cost_cells(front, point)
            cells.append("yes" if name in front.front else "" if point is None else "no")
            cells.append(", ".join(front.open_beside(name)))
        lines.append(tuple(cells))
    header = ["row", "macro F1 %"]
    for front in fronts:
        header += [front.cost, *([] if front.is_counted else ["from", "to"])]
        header += [f"on the front by {front.name}", f"not told from, by {front.name}"]
    return Table("worth", "Worth against cost: what no other row beats in both", tuple(header), tuple(lines))


def _cost_cells(front: ParetoFront, point: WorthPoint | None) -> Iterator[Number]:
    ends = () if front.is_counted else (point and point.cost_low, point and point.cost_high)
    for value in (point and point.cost, *ends):
        yield Number(value, scale=1, decimals=1 if front.is_counted else 2)


def _unfinished(rows: Sequence[RowAnswers]) -> Iterator[Row]:
    """Yield each training without a run, and each row that has all of its runs and is at fault all the same."""
    for row in rows:
        missing = [each for each in row.trainings if each.run is None]
        for each in missing:
            yield (each.key, row.name, each.seed, each.fold or "", each.state.status, each.reason)
        if row.fault and not missing:
            yield ("", row.name, "", "", row.trainings[0].state.status, row.fault)
