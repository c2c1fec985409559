"""Where on the body: one vocabulary, the ISIC Archive's general sites, for every word that the public sets use."""

from __future__ import annotations

HEAD_NECK = "head/neck"
UPPER_EXTREMITY = "upper extremity"
LOWER_EXTREMITY = "lower extremity"
ANTERIOR_TORSO = "anterior torso"
POSTERIOR_TORSO = "posterior torso"
LATERAL_TORSO = "lateral torso"
TORSO = "torso"
PALMS_SOLES = "palms/soles"
ORAL_GENITAL = "oral/genital"

# Singular, in lower case, with blanks for other separators.  What is not obvious follows the archive's own hierarchy of
# sites: buttocks are of the leg, the groin is genital, lips are of the head and the inside of the mouth is not.  Acral
# skin, which EDRA and HAM10000 name, is that of palms and soles, as the archive has it for HAM10000.
_WORDS = {
    HEAD_NECK: (
        *(
            "head/neck",
            "head",
            "neck",
            "head neck",
            "head or neck",
            "head and neck",
            "face",
            "scalp",
            "ear",
            "nose",
            "lip",
            "cheek",
        ),
        *("forehead", "temple", "chin", "jaw", "eyelid", "eye", "eyebrow", "nape", "nape of neck", "pinna", "hairline"),
        *("oral region", "orbital region"),
    ),
    UPPER_EXTREMITY: (
        *("upper extremity", "upper limb", "arm", "upper arm", "forearm", "elbow"),
        *("wrist", "hand", "back of hand", "dorsum of hand", "dorsal hand", "finger", "fingernail", "thumb"),
        *("shoulder", "fingers and thumb"),
    ),
    LOWER_EXTREMITY: (
        *("lower extremity", "lower limb", "leg", "lower leg", "upper leg", "thigh", "knee"),
        *("calf", "shin", "ankle", "foot", "feet", "dorsum of foot", "dorsal foot", "foot top or side", "toe"),
        *("toenail", "hip", "buttock"),
    ),
    ANTERIOR_TORSO: (
        *("anterior torso", "anterior trunk", "torso front", "front of torso", "chest", "anterior chest", "breast"),
        *("abdomen", "anterior abdomen", "belly", "stomach", "sternum"),
    ),
    POSTERIOR_TORSO: (
        *("posterior torso", "posterior trunk", "torso back", "back of torso", "back", "upper back", "mid back"),
        *("lower back",),
    ),
    LATERAL_TORSO: ("lateral torso", "lateral trunk", "flank", "axilla", "armpit", "side of torso"),
    TORSO: ("torso", "trunk"),
    PALMS_SOLES: (
        *("palms/sole", "palm", "palm or sole", "palms or sole", "palms and sole", "palm of hand", "sole"),
        *("sole of foot", "foot sole", "plantar", "palmar", "acral", "acral palms or sole", "heel"),
    ),
    ORAL_GENITAL: (
        *("oral/genital", "oral or genital", "oral", "mouth", "oral mucosa", "tongue", "mucosa", "genital"),
        *("genital area", "genitalia", "genital region", "genitalia or groin", "groin", "anogenital region"),
        *("anogenital", "perianal region", "penis", "vulva", "scrotum"),
    ),
}
_SITES = {word: site for site, words in _WORDS.items() for word in words}


def general_site(words: str) -> str:
    """Return the general site of what a publisher writes, in any case, number and side of the body.

    A place in the ISIC Archive's hierarchy of sites is given from coarse to fine, joined by colons; the finest part
    that is known decides.  What is not known is returned as it is, in lower case.
    """
    for part in reversed(words.split(":")):
        word = " ".join(part.lower().replace("_", " ").replace("-", " ").split()).replace(" / ", "/")
        word = word.removeprefix("left ").removeprefix("right ")
        for each in (word, word.removesuffix("s"), word.removesuffix("ies") + "y"):
            if each in _SITES:
                return _SITES[each]
    return words.strip().lower()
