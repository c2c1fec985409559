"""Fills the checklist CLAIM 2024 as far as an evaluation and its run know the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.reporting.case_flow import CaseFlow
from derm_cli.evaluation.reporting.checklist_items import as_markdown
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.sections import mistakes_table
from derm_cli.evaluation.reporting.tables.classes import metric_cells
from derm_cli.evaluation.reporting.tables.table import Number
from derm_cli.files import write_text
from derm_cli.plugin.subgroup_columns import subgroup_title
from derm_cli.workflows.evaluating.evaluate import EvaluationResult
from derm_cli.workflows.evaluating.report_facts import SPLIT_SEED

VERSIONS = ("python", "derm", "keras", "tensorflow", "jax", "numpy", "pillow")
"""What of a run's environment is software, as far as its record has it."""
MOST_FAILURES = 3


def write_checklist(result: EvaluationResult, path: Path) -> None:
    """Write the checklist as Markdown; whole or not at all."""
    write_text(path, as_markdown(result.title, filled_items(result)))


def filled_items(result: EvaluationResult) -> dict[int, str]:
    """Return what is known of the items of CLAIM 2024, by their numbers; all others are for the authors."""
    return {number: text for number, text in (*_of_run(result), *_of_data(result), *_of_evaluation(result)) if text}


def _of_run(result: EvaluationResult) -> Iterator[tuple[int, str]]:
    details = result.report_facts.details
    run, model, split, environment = (details.get(name, {}) for name in ("Run", "Model", "Split", "Environment"))
    yield 9, _listed(model, "photographs", "augmentation")
    of_split = "" if SPLIT_SEED in split else model.get("seed", "")
    yield 19, _listed(split, *(name for name in split if "SHA-256" not in name), seed=of_split)
    if split:
        yield 20, "no patient, lesion, file or look is in two parts, as far as the datasets tell: looked for twice"
    yield 22, _listed(model, "backbone", "photographs", "answers")
    yield 23, _listed(environment, *(name for name in VERSIONS if name in environment))
    yield 24, _listed(model, "first weights", "teacher")
    yield (
        25,
        _listed(
            model,
            *(
                "chain",
                "strategy and schedule",
                "recipe",
                "augmentation",
                "photographs of each class in a batch",
                "seed",
            ),
        ),
    )
    if model:
        members = [table for table in result.report_facts.tables if table.name == "members"]
        count = len(members[0].rows) if members else 0
        ensemble = f"the mean of the probabilities of {count} models" if count else "one model"
        yield 27, f"{ensemble}; {_listed(model, 'views whose answers are averaged')}"
    yield 43, _listed(run, "run", "trained again by", "made again by", "plan, SHA-256")


def _of_data(result: EvaluationResult) -> Iterator[tuple[int, str]]:
    flows = result.report_facts.case_flows
    if flows:
        yield 7, "; ".join(f"{flow.dataset}, {flow.listed} photographs" for flow in flows)
        yield 8, "; ".join(map(_excluded, flows))
        yield 11, "patients are told apart by salted hashes alone; a predictions table has no file of a photograph"
        yield 12, "an unknown patient is one of its own, an unknown answer is zero; records that were left out: item 8"
        yield (
            35,
            "; ".join(
                f"{flow.dataset}: {flow.listed} listed, {sum(flow.dropped.values())} left out, {_parts(flow)}"
                for flow in flows
            ),
        )


def _of_evaluation(result: EvaluationResult) -> Iterator[tuple[int, str]]:
    judgement = result.judgement
    evaluation = judgement.evaluation
    metrics = tuple(OVERALL_METRICS.values())
    cells = dict(zip(metrics, metric_cells(evaluation, metrics), strict=True))
    known = [metric for metric, cell in cells.items() if cell.value is not None]
    yield (
        21,
        f"{evaluation.cases} test photographs: "
        + ", ".join(f"{name} {of_class.support}" for name, of_class in evaluation.per_class.items()),
    )
    yield 28, ", ".join(metric.title for metric in known) + "; each class against all others"
    if evaluation.intervals:
        drawn = f", by {evaluation.groups} {evaluation.group_word}" if evaluation.groups else ""
        yield 29, f"95 % confidence intervals{drawn}"
    columns = dict.fromkeys(subgroup_title(each.column) for each in judgement.subgroups)
    yield 30, f"subgroups by {', '.join(columns)}" if columns else ""
    yield 31, "class activation maps of example photographs" if result.photographs else ""
    external = result.left_out is not None
    yield 33 if external else 32, f"{result.title}: {evaluation.cases} photographs"
    yield 37, "; ".join(f"{metric.heading} {shown(cells[metric])}" for metric in known)
    yield (
        38,
        "; ".join(
            f"{name}: sensitivity % {shown(Number(of_class.sensitivity, of_class.intervals.get('sensitivity')))}, "
            f"specificity % {shown(Number(of_class.specificity, of_class.intervals.get('specificity')))}"
            for name, of_class in evaluation.per_class.items()
        ),
    )
    mistakes = mistakes_table(evaluation)
    if mistakes:
        yield (
            39,
            "most often: "
            + ", ".join(
                f"{true} for {predicted} {count}" for true, predicted, count, *_ in mistakes.rows[:MOST_FAILURES]
            ),
        )
    yield 40, " ".join(result.report_facts.limitations)


def _listed(facts: Mapping[str, str], *names: str, **more: str) -> str:
    known = {name: facts[name] for name in names if facts.get(name)} | {
        name: each for name, each in more.items() if each
    }
    return "; ".join(f"{name}: {value}" for name, value in known.items())


def _excluded(flow: CaseFlow) -> str:
    excluded = {**flow.dropped, **flow.unmatched}
    reasons = ", ".join(f"{count} ({reason})" for reason, count in excluded.items())
    return f"{flow.dataset}: left out {reasons or 'none'}"


def _parts(flow: CaseFlow) -> str:
    return ", ".join(f"{part.name} {part.photographs}" for part in flow.parts)
