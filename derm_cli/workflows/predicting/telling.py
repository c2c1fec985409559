"""Telling plugins of a prediction, once all is answered and written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from derm_cli.plugin import ArtefactFacts, PredictedPhotograph, PredictionSummary
from derm_cli.workflows.predicting.predict import ImagePrediction
from derm_cli.workflows.session import Session

HOOK = "derm_predicted"


class AnswersToTell:
    """Takes the answers as they come, and tells plugins of all in the end; keeps none where nobody listens."""

    def __init__(self, session: Session) -> None:
        self._registry = session.registry
        self._answers: list[PredictedPhotograph] | None = [] if session.registry.listens(HOOK) else None

    def __call__(self, answer: ImagePrediction) -> None:
        """Take an answer."""
        if self._answers is not None:
            self._answers.append(
                PredictedPhotograph(
                    file=answer.file,
                    prediction=answer.prediction,
                    probabilities=answer.probabilities,
                    reason=answer.reason,
                    answers=answer.answers,
                )
            )

    def tell(self, model: str, facts: ArtefactFacts, files: Sequence[Path] = ()) -> None:
        """Tell plugins of the answers of ``model``, and of the files that were written."""
        if self._answers is None:
            return
        unread = sum(each.probabilities is None for each in self._answers)
        summary = PredictionSummary(
            model=model, facts=facts, answered=len(self._answers) - unread, unread=unread, files=tuple(files)
        )
        self._registry.tell(HOOK, summary=summary, photographs=tuple(self._answers))
