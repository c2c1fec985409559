"""A job, one method on one fold with one seed, and its stored result, which is not computed again."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.recipes.methods import Form, Method
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions
from derm_cli.files import write_text


@dataclass(frozen=True, kw_only=True)
class Job:
    """A method to carry out on a fold of a dataset, numbered from 1, with a seed."""

    method: Method
    dataset: str
    fold: int
    seed: int
    form: Form

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{self.dataset}, {self.method.name}, seed {self.seed}, fold {self.fold} of {self.form.folds}"

    def to_json(self) -> dict[str, Any]:
        """Return all that the result depends on, as JSON values; the number of seeds is nothing of it."""
        form = {name: value for name, value in asdict(self.form).items() if name != "seeds"}
        content = {"dataset": self.dataset, "fold": self.fold, "seed": self.seed, "form": form} | {
            "method": {**asdict(self.method), "title": ""}
        }
        values: dict[str, Any] = json.loads(json.dumps(content))
        return values


@dataclass(frozen=True)
class JobResult:
    """What a finished job gave: the predictions of the fold's test part, and the wall seconds of its process."""

    predictions: Predictions
    seconds: float


class ResultStore:
    """The results of jobs, a CSV of predictions and a JSON each, below the folder ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, job: Job) -> Path:
        """Return the CSV of a job.  Its name tells all that differs between jobs, shortened to what files bear."""
        plain_name = re.sub(r"[^a-z0-9]+", "-", job.method.name.lower()).strip("-")[:60]
        digest = hashlib.sha256(json.dumps(job.to_json(), sort_keys=True).encode()).hexdigest()[:8]
        return self.root / job.dataset / f"{plain_name}-seed{job.seed}-fold{job.fold}of{job.form.folds}-{digest}.csv"

    def get(self, job: Job) -> JobResult | None:
        """Return the stored result of a job, None where there is none."""
        path = self.path(job)
        try:
            described = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if described.get("job") != job.to_json():
            return None
        return JobResult(read_predictions(path), float(described["seconds"]))

    def put(self, job: Job, result: JobResult) -> None:
        """Store a result.  The JSON comes last: a result without one is none."""
        path = self.path(job)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_predictions(result.predictions, path)
        content = {"job": job.to_json(), "seconds": result.seconds}
        write_text(path.with_suffix(".json"), json.dumps(content, indent=2) + "\n")
