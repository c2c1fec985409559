"""The comparison as Markdown, ready for a page: figures, paired differences, parts' worth, and what did not help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.recipes.figures import FIGURES, Comparison, Estimate
from benchmarks.recipes.methods import (
    ANSWERS,
    CHAIN,
    FEATURES_AND_ANSWERS,
    LATE,
    MOST_FREQUENT,
    PLAIN,
    WITH_ANSWERS,
    Form,
    Method,
)
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS, Metric
from derm_cli.markdown import markdown_table

MACRO_F1 = OVERALL_METRICS["macro_f1"]
ALONE_MARK, ANSWERS_MARK = 0.05, 0.08
"""Macro F1 that is to be gained: by a recipe alone above the plain script, and with answers above what needs no
training of answers and photographs together."""
SIMPLE_WITH_ANSWERS = (FEATURES_AND_ANSWERS, PLAIN + LATE)
"""What a recipe with answers is held against."""


@dataclass(frozen=True)
class DatasetResults:
    """A dataset's methods that finished every fold, their comparison, and the seconds of each one's folds.

    ``unfinished`` tells of the others how many of their folds are there, and why not all.
    """

    dataset: str
    form: Form
    folds: int
    cases: int
    patients: int
    methods: Sequence[Method]
    comparison: Comparison
    seconds: Mapping[str, Sequence[float]]
    unfinished: Sequence[str] = ()

    @property
    def by_name(self) -> dict[str, Method]:
        """The methods by name."""
        return {each.name: each for each in self.methods}

    def markdown(self) -> str:
        """Return everything as Markdown, its heading first."""
        parts = [f"### {self.dataset}", self._introduction(), self._figures()]
        if PLAIN in self.by_name and len(self.methods) > 1:
            title = "Paired differences from the plain script, with 95 % intervals; points, and nats of log loss:"
            parts += [title, self._differences([each for each in self.methods if each.name != PLAIN], PLAIN)]
        parts += self._ablation()
        parts += [f"- {sentence}" for sentence in (*self._verdicts(), *self._of_no_help(), *self.unfinished)]
        return _joined(parts)

    def _introduction(self) -> str:
        form = self.form
        changed = [f"epochs a phase: {form.epochs}"] if form.epochs else []
        changed += [f"{form.size}² for all"] if form.size else [f"{form.script_size}² where a recipe has no size"]
        return (
            f"{form.backbone}, {', '.join(changed)}; {self.folds} of {form.folds} folds, seeds: {form.seeds}, each "
            f"with a split of its own; {self.cases} predictions of {self.patients} patients, lesions or looks, out "
            "of fold, pooled. Intervals are 95 %, by bootstrap of these. Malignant lesions are told from all others. "
            "Seconds are those of a fold's whole process, with reading and judging: the median, and the most; a stage "
            "that an earlier fold trained is taken from the stage store."
        )

    def _figures(self) -> str:
        heads = ["method", *(each.heading for each in FIGURES), "seconds"]
        rows = [
            [
                f"`{method.name}`: {method.title}",
                *(shown(self.comparison.figure(method.name, each.name), each) for each in FIGURES),
                f"{median(self.seconds[method.name]):.0f} ({max(self.seconds[method.name]):.0f})",
            ]
            for method in self.methods
            if not method.ablated
        ]
        return markdown_table(heads, rows, range(1, len(heads)))

    def _differences(self, methods: Sequence[Method], reference: str) -> str:
        heads = ["method", *(each.title for each in FIGURES)]
        rows = [
            [
                f"`{method.name}`",
                *(shown(self.comparison.difference(method.name, reference, each.name), each, "+") for each in FIGURES),
            ]
            for method in methods
        ]
        return markdown_table(heads, rows, range(1, len(heads)))

    def _ablation(self) -> Iterator[str]:
        for name in dict.fromkeys(each.ablated for each in self.methods if each.ablated):
            if name in self.by_name:
                yield f"What becomes of `{name}` without each of its parts, as paired differences from the whole:"
                yield self._differences([each for each in self.methods if each.ablated == name], name)

    def _verdicts(self) -> Iterator[str]:
        """Yield what is held against the marks, reached or not."""
        for method in self.methods:
            if method.kind != "derm" or method.ablated:
                continue
            if method.takes_answers:
                references, mark = [each for each in SIMPLE_WITH_ANSWERS if each in self.by_name], ANSWERS_MARK
            else:
                references, mark = [PLAIN] if PLAIN in self.by_name else [], ALONE_MARK
            for reference in references:
                gained = self.comparison.difference(method.name, reference, MACRO_F1.name)
                reached = gained.value is not None and gained.value >= mark and gained.is_above_zero
                yield (
                    f"{'Reached' if reached else 'MISSED'}: `{method.name}` has {shown(gained, MACRO_F1, '+')} points "
                    f"of macro F1 more than `{reference}`, to be {100 * mark:g} with an interval above 0."
                )

    def _of_no_help(self) -> Iterator[str]:
        """Yield what was tried and is not shown to help, with the difference in macro F1."""
        for method in self.methods:
            for what, better, worse in self._claims(method):
                gained = self.comparison.difference(better, worse, MACRO_F1.name)
                if not gained.is_above_zero:
                    yield f"Not shown to help: {what} ({shown(gained, MACRO_F1, '+')} points of macro F1)."

    def _claims(self, method: Method) -> Iterator[tuple[str, str, str]]:
        """Yield what a method says to be of use: in words, the method with it, and the one without."""
        names = self.by_name
        if method.ablated in names:
            yield (
                f"`{method.name.removeprefix(f'{method.ablated}-without-')}` in `{method.ablated}`",
                (method.ablated),
                method.name,
            )
        for suffix, what in ((CHAIN, "another set first"), (WITH_ANSWERS, "answers"), (LATE, "answers, fused late")):
            without = method.name.removesuffix(suffix)
            if method.name.endswith(suffix) and without in names:
                yield f"{what}, for `{without}`", method.name, without
        if method.kind == "derm" and not method.ablated and not method.takes_answers and PLAIN in names:
            yield f"`{method.name}` above the plain script", method.name, PLAIN
        if method.name in (PLAIN, ANSWERS) and MOST_FREQUENT in names:
            yield f"`{method.name}` above the most frequent class", method.name, MOST_FREQUENT


def shown(estimate: Estimate, metric: Metric, sign: str = "") -> str:
    """Return an estimate in the scale of its metric, as in ``56.1 (50.2–61.0)``; ``sign`` ``+`` shows it always."""
    if estimate.value is None:
        return "–"
    factor, decimals = metric.scale.factor, min(metric.scale.decimals, 3)
    text = f"{factor * estimate.value:{sign}.{decimals}f}"
    if estimate.interval is None:
        return text
    between = " to " if sign else "–"
    low, high = (f"{factor * each:{sign}.{decimals}f}" for each in (estimate.interval.low, estimate.interval.high))
    return f"{text} ({low}{between}{high})"


def _joined(parts: Sequence[str]) -> str:
    """Join paragraphs by an empty line, and the items of a list by none."""
    text = ""
    for before, part in zip(("", *parts), parts, strict=False):
        is_item = before.startswith("- ") and part.startswith("- ")
        text += part if not text else ("\n" if is_item else "\n\n") + part
    return text
