"""The synthetic patients, their lesions, and the photographs of each lesion: who is drawn, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from derm_datasets.synthetic.conditions import Condition
from derm_datasets.synthetic.domains import Domain

PHOTOGRAPHS_OF_A_LESION = {1: 0.5, 2: 0.34, 3: 0.16}
LESIONS_OF_A_PATIENT = {1: 0.45, 2: 0.28, 3: 0.17, 4: 0.1}
ADULT, OLDEST = 18, 94


@dataclass(frozen=True, kw_only=True)
class SyntheticCase:
    """A synthetic photograph before it is drawn: the row of records.csv, and all that its drawing depends on.

    ``lesion`` is unique in the dataset; ``view`` counts a lesion's photographs from 1; ``age`` is in years;
    ``fitzpatrick`` 1..6; ``seed`` the dataset's.
    """

    case_id: str
    file: str
    label: str
    diagnosis: str
    patient: str
    lesion: str
    view: int
    sex: str
    age: int
    site: str
    fitzpatrick: int
    image_type: str
    seed: int


@dataclass(frozen=True)
class _Lesion:
    label: str
    condition: Condition
    diagnosis: str
    views: int


def draw_cases(domain: Domain, counts: Mapping[str, int], seed: int) -> Iterator[SyntheticCase]:
    """Yield the cases of a domain, patient by patient: ``counts[label]`` photographs of each class named there.

    The same arguments give the same cases; a patient has one sex, age and skin type.
    """
    random = Random(f"{seed}/{domain.name}")  # noqa: S311
    lesions = list(_draw_lesions(domain, counts, random))
    random.shuffle(lesions)
    number = patient = 0
    while lesions:
        patient += 1
        own = [lesions.pop() for _ in range(min(_draw(LESIONS_OF_A_PATIENT, random), len(lesions)))]
        mean, spread = random.choice(own).condition.ages
        patient_facts = {
            "patient": f"{domain.code}{patient:03d}",
            "sex": random.choice(("female", "male")),
            "age": round(min(max(random.gauss(mean, spread), ADULT), OLDEST)),
            "fitzpatrick": _draw(dict(enumerate(domain.skin_types, start=1)), random),
        }
        for index, lesion in enumerate(own, start=1):
            site = random.choice(lesion.condition.sites)
            for view in range(1, lesion.views + 1):
                number += 1
                case_id = f"{domain.name}-{number:04d}"
                yield SyntheticCase(
                    case_id=case_id,
                    file=f"images/{case_id}.jpg",
                    label=lesion.label,
                    diagnosis=lesion.diagnosis,
                    lesion=f"{patient_facts['patient']}-{index}",
                    view=view,
                    site=site,
                    image_type=domain.image_type,
                    seed=seed,
                    **patient_facts,  # type: ignore[arg-type]
                )


def _draw_lesions(domain: Domain, counts: Mapping[str, int], random: Random) -> Iterator[_Lesion]:
    for label, condition, _ in domain.classes:
        remaining = counts.get(label, 0)
        while remaining:
            views = min(_draw(PHOTOGRAPHS_OF_A_LESION, random), remaining)
            diagnosis = random.choices(condition.forms, [form.share for form in condition.forms])[0].diagnosis
            yield _Lesion(label, condition, diagnosis, views)
            remaining -= views


def _draw(shares: Mapping[int, float], random: Random) -> int:
    return random.choices(list(shares), list(shares.values()))[0]
