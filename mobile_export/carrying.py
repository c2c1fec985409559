"""Facts and labels inside an artefact, as entries of a zip archive.

A .keras file is a zip archive.  Behind a .tflite file an archive may stand: so TFLite keeps "associated files", and
its runtimes do not look there.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from derm_cli.plugin import ArtefactFacts, DermError
from mobile_export.naming import FACTS, LABELS


def labels_of(facts: ArtefactFacts) -> str:
    """Return the contents of labels.txt."""
    return "".join(f"{each.name}\n" for each in facts.classes)


def put_in(path: Path, facts: ArtefactFacts) -> None:
    """Append facts and labels to a file; where it is no archive, one is put behind it."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FACTS, facts.to_json())
        archive.writestr(LABELS, labels_of(facts))


def read_from(path: Path) -> ArtefactFacts:
    """Return the facts inside a file.  Raises DermError where there are none, or labels that contradict them."""
    try:
        with zipfile.ZipFile(path) as archive:
            text, labels = archive.read(FACTS), archive.read(LABELS).decode()
    except OSError as error:
        raise DermError(f"'{path}' cannot be read ({error.strerror}): give an artefact of 'derm export'.") from error
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, EOFError, ValueError) as error:
        raise not_ours(path, error) from error
    facts = ArtefactFacts.from_json(text, str(path))
    return agreeing(path, facts, labels)


def agreeing(path: Path, facts: ArtefactFacts, labels: str) -> ArtefactFacts:
    """Return ``facts``.  Raises DermError where the labels that stand beside them are others."""
    if labels != labels_of(facts):
        raise DermError(f"'{path}' has labels that contradict its facts: export it again with 'derm export'.")
    return facts


def not_ours(path: Path, error: object) -> DermError:
    """Return the error for a file that is damaged or was written by something else."""
    said = str(error).strip().splitlines()
    return DermError(
        f"'{path}' is damaged, or no artefact that derm wrote ({said[0][:160] if said else type(error).__name__}): "
        "export it again with 'derm export'."
    )
