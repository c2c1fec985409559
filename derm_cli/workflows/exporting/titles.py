"""The classes' titles in the languages that are asked for, for the label files of artefacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derm_cli.data.locating import locate
from derm_cli.errors import RequestError
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.session import Session

ENGLISH = "en"
"""The language of a class's own title, which artefacts always carry."""


def titles_in(session: Session, run: RunFolder, languages: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the titles of a run's classes in each language beside English, in the order of the classes.

    They are those that the target's dataset declares.  Raises RequestError where a class has none in a language.
    """
    wanted = [each for each in dict.fromkeys(languages) if each != ENGLISH]
    if not wanted:
        return {}
    declared = locate(run.plan.target, session.settings, session.registry).spec.titles
    found = {}
    for language in wanted:
        own = declared.get(language, {})
        unknown = next((each.name for each in run.plan.classes if each.name not in own), None)
        if unknown is not None:
            known = ", ".join([ENGLISH, *declared])
            raise RequestError(
                f"--labels names '{language}', but class '{unknown}' of dataset '{run.plan.target}' has no title in "
                f"that language: ask for one of {known}, or let the dataset's plugin declare 'titles'."
            )
        found[language] = tuple(own[each.name] for each in run.plan.classes)
    return found
