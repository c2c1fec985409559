"""Lesion diaries: a folder a patient, with a diary in JSON and the photographs that it lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.plugin import DatasetSpec, DermError, common_fields

from derm_lesion_diary.findings import CLASSES, FINDINGS

if TYPE_CHECKING:
    import pandas as pd

DIARY = "diary.json"
LENSES = {"dermatoscope": "dermoscopic", "camera": "clinical"}
SKIN_TYPES = range(1, 7)


def read_records(root: Path) -> pd.DataFrame:
    """Return a row a photograph.  Raises DermError where ``root`` holds no diaries, or one that cannot be read.

    A lesion without a finding, or with one that :data:`FINDINGS` does not know, has no class: its photographs are
    returned all the same, and derm drops them and says why.  So it does with a photograph that is not there.
    """
    import pandas as pd

    rows = [row for diary in _diaries(root) for row in _rows(diary)]
    if not rows:
        raise _refusal(f"the diaries in '{root}' list no photograph")
    return pd.DataFrame(rows)


def _diaries(root: Path) -> list[Path]:
    if not root.is_dir():
        raise _refusal(f"the folder '{root}' is not there")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not folders:
        raise _refusal(f"'{root}' has no folder of a patient")
    for folder in folders:
        if not (folder / DIARY).is_file():
            raise _refusal(f"'{folder / DIARY}' is not there")
    return [folder / DIARY for folder in folders]


def _rows(diary: Path) -> list[dict[str, Any]]:
    """Return the records of one patient."""
    try:
        return list(_records(diary.parent.name, json.loads(diary.read_text(encoding="utf-8-sig"))))
    except OSError as error:
        raise _refusal(f"'{diary}' cannot be read ({error.strerror})") from error
    except KeyError as error:
        raise _refusal(f"'{diary}' lacks {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise _refusal(f"'{diary}' is no diary ({error})") from error


def _records(patient: str, diary: dict[str, Any]) -> Iterator[dict[str, Any]]:
    skin_type = diary.get("skin_type")
    for lesion in diary["lesions"]:
        finding = lesion.get("finding") or ""
        label, diagnosis = FINDINGS.get(finding, (finding, ""))
        for photograph in lesion["photographs"]:
            file = f"{patient}/{photograph['file']}"
            yield {
                # Required: what identifies the photograph, where it lies, and what it shows.
                "case_id": file,
                "file": file,
                "label": label,
                "diagnosis": diagnosis,
                # Whoever shares one of these is never trained and tested on both.  Lesions are numbered by patient.
                "patient": patient,
                "lesion": f"{patient}/{lesion['lesion']}",
                # What is known beside.  What is not known is None, never a guess.
                "age": _age(diary.get("born"), photograph.get("taken")),
                "sex": {"f": "female", "m": "male"}.get(diary.get("sex", "")),
                "site": lesion.get("site"),
                "fitzpatrick": skin_type if skin_type in SKIN_TYPES else None,
                "image_type": LENSES.get(photograph.get("lens", "")),
            }


def _age(born: int | None, taken: str | None) -> int | None:
    """Return the years from the year of birth to the day of the photograph, where both are known."""
    return date.fromisoformat(taken).year - born if born and taken else None


def _refusal(problem: str) -> DermError:
    """Say what is wrong, where the data come from, and how they must lie: all that is needed to mend it."""
    layout = "\n".join(f"    {line}" for line in SPEC.layout.splitlines())
    return DermError(
        f"Dataset '{SPEC.name}': {problem}; {SPEC.obtain} ({SPEC.homepage}; licence: {SPEC.licence}) and keep its "
        f"layout:\n{layout}"
    )


SPEC = DatasetSpec(
    name="lesion-diary",
    title="lesion diaries of a clinic, photographed visit by visit",
    classes=CLASSES,
    records=read_records,
    modality="mixed",
    licence="for research within the clinic",
    citation="none: an example of a third-party dataset",
    homepage="https://diary.example.org",
    obtain="export the diaries with 'Export for research' in the clinic's diary",
    layout=(
        "<patient>/diary.json\n"
        "<patient>/<photograph>\n"
        "diary.json has 'lesions', each with 'lesion' (its number), 'finding' and 'photographs', each with 'file',\n"
        "and where known 'sex' (f, m), 'born' (a year) and 'skin_type' (1 to 6); 'site' of a lesion; 'taken' (a day,\n"
        "as in 2024-03-11) and 'lens' (dermatoscope, camera) of a photograph"
    ),
    metadata=common_fields("age", "sex", "site", "fitzpatrick"),
)
