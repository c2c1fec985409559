"""One vocabulary of body sites for the words of every public set."""

from __future__ import annotations

import pytest
from isic_metadata.anatom_site_hierarchical import AnatomSiteEnum
from isic_metadata.fields import AnatomSiteGeneralEnum

from derm_datasets.body_sites import general_site

GENERAL = {*(site.value for site in AnatomSiteGeneralEnum), "torso"}
EDRA = {
    "back": "posterior torso",
    "lower limbs": "lower extremity",
    "abdomen": "anterior torso",
    "upper limbs": "upper extremity",
    "chest": "anterior torso",
    "head neck": "head/neck",
    "acral": "palms/soles",
    "buttocks": "lower extremity",
    "genital areas": "oral/genital",
}
PAD = {
    **dict.fromkeys(("ARM", "FOREARM", "HAND"), "upper extremity"),
    **dict.fromkeys(("FOOT", "THIGH"), "lower extremity"),
    **dict.fromkeys(("EAR", "FACE", "LIP", "NECK", "NOSE", "SCALP"), "head/neck"),
    **dict.fromkeys(("ABDOMEN", "CHEST"), "anterior torso"),
    "BACK": "posterior torso",
}
HAM = {
    **dict.fromkeys(("abdomen", "chest"), "anterior torso"),
    **dict.fromkeys(("ear", "face", "neck", "scalp"), "head/neck"),
    "acral": "palms/soles",
    "back": "posterior torso",
    "foot": "lower extremity",
    "genital": "oral/genital",
    "hand": "upper extremity",
    "lower extremity": "lower extremity",
    "trunk": "torso",
    "upper extremity": "upper extremity",
}
ISIC = {
    **{site: site for site in GENERAL},
    "acral palms or soles": "palms/soles",
    "oral or genital": "oral/genital",
    "fingernail": "upper extremity",
    "toenail": "lower extremity",
}
SCIN = {
    "head_or_neck": "head/neck",
    "arm": "upper extremity",
    "palm": "palms/soles",
    "back_of_hand": "upper extremity",
    "torso_front": "anterior torso",
    "torso_back": "posterior torso",
    "genitalia_or_groin": "oral/genital",
    "buttocks": "lower extremity",
    "leg": "lower extremity",
    "foot_top_or_side": "lower extremity",
    "foot_sole": "palms/soles",
}


@pytest.mark.parametrize("words", [EDRA, PAD, HAM, ISIC, SCIN], ids=["edra", "pad-ufes-20", "ham10000", "isic", "scin"])
def test_every_word_of_a_public_set_is_understood(words: dict[str, str]) -> None:
    assert {word: general_site(word) for word in words} == words


def test_the_archives_hierarchy_falls_into_its_general_sites() -> None:
    branches = {
        "Head and neck": {"head/neck", "oral/genital"},
        "Trunk": {"torso", "anterior torso", "posterior torso", "lateral torso"},
        "Upper extremity": {"upper extremity", "palms/soles"},
        "Lower extremity": {"lower extremity", "palms/soles"},
        "Anogenital region": {"oral/genital"},
    }
    for place in AnatomSiteEnum:
        assert general_site(place.value) in branches[place.value.partition(":")[0]], place.value
    assert general_site("Head and neck:Head:Face:Mouth:Tongue") == "oral/genital"
    assert general_site("Lower extremity:Foot:Sole of foot:Heel") == "palms/soles"
    assert general_site("Upper extremity:Hand:Palm of hand:Central palm") == "palms/soles"
    assert general_site("Trunk:Posterior trunk:Upper back:Lateral upper back") == "posterior torso"


@pytest.mark.parametrize(
    "word",
    [" Lower Limb ", "LOWER_LIMBS", "lower-limb", "lower  limbs", "left lower limb", "Right Thigh", "extremity:leg"],
)
def test_case_number_side_and_separators_do_not_matter(word: str) -> None:
    assert general_site(word) == "lower extremity"


@pytest.mark.parametrize("word", ["Upper Extremities", "head / neck", "Palms / Soles", "Genitals"])
def test_plurals_and_spaced_slashes_are_understood(word: str) -> None:
    assert general_site(word) in GENERAL


@pytest.mark.parametrize(
    ("word", "kept"), [(" Nail NOS", "nail nos"), ("Site 7", "site 7"), ("x:y", "x:y"), (":", ":")]
)
def test_what_is_not_known_stays_in_lower_case(word: str, kept: str) -> None:
    assert general_site(word) == kept


def test_general_sites_stay_what_they_are() -> None:
    for site in GENERAL:
        assert general_site(site) == site
