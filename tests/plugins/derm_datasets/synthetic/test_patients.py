"""Made patients: consistent with themselves, with several lesions and several photographs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict

import pytest

from derm_datasets.synthetic import DOMAINS, PHONE
from derm_datasets.synthetic.patients import ADULT, OLDEST, draw_cases


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda each: each.name)
def test_a_roster_has_the_counts_and_persons_agree_with_themselves(domain) -> None:
    cases = list(draw_cases(domain, domain.counts, seed=1))
    assert Counter(case.label for case in cases) == domain.counts
    assert len({case.case_id for case in cases}) == len({case.file for case in cases}) == len(cases)
    of_patient, of_lesion, views = defaultdict(set), defaultdict(set), defaultdict(list)
    for case in cases:
        of_patient[case.patient].add((case.sex, case.age, case.fitzpatrick))
        of_lesion[case.lesion].add((case.patient, case.label, case.diagnosis, case.site))
        views[case.lesion].append(case.view)
        assert ADULT <= case.age <= OLDEST
        assert case.image_type == domain.image_type
    assert all(len(persons) == 1 for persons in of_patient.values())
    assert all(len(lesions) == 1 for lesions in of_lesion.values())
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in views.values())


def test_patients_have_several_lesions_and_lesions_several_photographs() -> None:
    cases = list(draw_cases(PHONE, PHONE.counts, seed=1))
    photographs = Counter(case.lesion for case in cases)
    lesions = Counter(lesion.rsplit("-", 1)[0] for lesion in photographs)
    assert max(photographs.values()) == 3
    assert max(lesions.values()) == 4
    assert sum(n > 1 for n in photographs.values()) > len(photographs) / 4
    assert sum(n > 1 for n in lesions.values()) > len(lesions) / 4


def test_skin_types_follow_each_domains_own_mix() -> None:
    dark = {}
    for domain in DOMAINS:
        cases = {case.patient: case.fitzpatrick for case in draw_cases(domain, domain.counts, seed=1)}
        assert set(cases.values()) >= {1, 2, 3, 4, 5}
        dark[domain.code] = sum(kind >= 4 for kind in cases.values()) / len(cases)
    assert dark["D"] < dark["P"] < dark["C"]


def test_the_seed_decides_and_nothing_else() -> None:
    first = [asdict(case) for case in draw_cases(PHONE, {"MEL": 6, "NEV": 6}, seed=1)]
    assert first == [asdict(case) for case in draw_cases(PHONE, {"MEL": 6, "NEV": 6}, seed=1)]
    assert first != [{**asdict(case), "seed": 1} for case in draw_cases(PHONE, {"MEL": 6, "NEV": 6}, seed=2)]
