"""Values that statsmodels and crepes give for small tables, to hold derm's against.

Neither is installed with derm.  To compute them anew, where both are, with scikit-learn:
``python -m tests.support.reference_values > tests/support/reference_values.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

STORED = Path(__file__).with_suffix(".json")
LEVEL = 0.95


@dataclass(frozen=True)
class Clustered:
    """Cases of patients with one to three photographs each: log odds, truth, patients, and whether each is a hit."""

    odds: np.ndarray
    truth: np.ndarray
    patients: np.ndarray
    hits: np.ndarray


@cache
def clustered() -> Clustered:
    """Return 3,000 patients' cases."""
    rng = np.random.default_rng(5)
    patients = np.repeat(np.arange(3000), rng.integers(1, 4, 3000))
    true = -1 + rng.normal(0, 1.2, 3000)[patients] + rng.normal(0, 0.8, len(patients))
    truth = rng.random(len(true)) < 1 / (1 + np.exp(-true))
    hits = rng.random(len(true)) < np.where(rng.random(3000) < 0.7, 0.95, 0.4)[patients]
    return Clustered(1.4 * true + 0.3, truth, patients, hits)


@cache
def classified() -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities of three classes for 400 cases, (400, 3), and the true classes, (400,)."""
    rng = np.random.default_rng(6)
    truth = rng.choice(3, p=(0.6, 0.3, 0.1), size=400)
    logits = rng.normal(0, 1, (400, 3))
    logits[np.arange(400), truth] += 1.5
    powers = np.exp(logits)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True)), truth


PROPORTIONS = ((0, 9), (3, 7), (57, 60), (400, 1000))
"""Hits, and cases."""
DISCORDANT = ((1, 6), (10, 2), (0, 5), (30, 31))
"""Cases that one classifier alone, and the other alone, got right."""


def stored() -> dict[str, Any]:
    """Return what statsmodels and crepes gave, with their versions."""
    values: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return values


def main() -> None:
    """Print the values as JSON."""
    import crepes
    import statsmodels
    import statsmodels.api as sm
    from crepes.extras import hinge
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.proportion import proportion_confint

    table, (probabilities, truth) = clustered(), classified()
    robust: dict[str, Any] = {"cov_type": "cluster", "cov_kwds": {"groups": table.patients, "use_correction": False}}
    family = sm.families.Binomial()
    slope = sm.GLM(table.truth, sm.add_constant(table.odds), family=family).fit(**robust)
    intercept = sm.GLM(table.truth, np.ones(len(table.odds)), family=family, offset=table.odds).fit(**robust)
    share = sm.OLS(table.hits.astype(float), np.ones(len(table.hits))).fit(**robust)
    rest, own = probabilities[200:], hinge(probabilities[:200], np.arange(3), truth[:200])
    sets = {}
    for name, bins in (("marginal", None), ("by class", truth[:200])):
        classifier = crepes.ConformalClassifier()
        classifier.fit(own, bins=bins) if bins is not None else classifier.fit(own)
        if bins is None:
            found = classifier.predict_set(hinge(rest), confidence=0.9, smoothing=False)
        else:
            columns = [
                classifier.predict_set(hinge(rest)[:, [each]], bins=np.full(200, each), confidence=0.9, smoothing=False)
                for each in range(3)
            ]
            found = np.concatenate(columns, axis=1)
        sets[name] = ["".join(map(str, row)) for row in np.asarray(found).astype(int)]
    print(
        json.dumps(
            {
                "versions": {"statsmodels": statsmodels.__version__, "crepes": crepes.__version__},
                "slope": [*map(float, (slope.params[1], slope.bse[1]))],
                "intercept": [*map(float, (intercept.params[0], intercept.bse[0]))],
                "share": [*map(float, (share.params[0], share.bse[0]))],
                "wilson": [[*map(float, proportion_confint(*each, method="wilson"))] for each in PROPORTIONS],
                "mcnemar": [float(mcnemar([[50, b], [c, 50]], exact=True).pvalue) for b, c in DISCORDANT],
                "sets": sets,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
