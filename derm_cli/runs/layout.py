"""The names of the files in a run's folder; docs/reference/run-folder.md tells what is in each."""

from __future__ import annotations

RECORD, PLAN, MODEL = "run.json", "plan.json", "model.keras"
PREDICTIONS, VALIDATION, BASELINES = "predictions.csv", "validation.csv", "baselines.csv"
SPLIT, DROPPED, HISTORY, EVALUATION = "split.csv", "dropped.csv", "history.csv", "evaluation.json"
CONFUSION, REPORT, ARTEFACTS, LOG = "confusion.png", "report.html", "artefacts", "log"
ANSWERS, WITHOUT_ANSWERS, ANSWERS_ALONE = "answers.csv", "without-answers.csv", "answers-alone.csv"
CHECKPOINT, PREVIOUS_CHECKPOINT, LOCK = "checkpoint.bin", "checkpoint.previous.bin", "lock"
