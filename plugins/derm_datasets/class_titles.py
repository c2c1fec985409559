"""The classes' titles in further languages, for the label files of artefacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from derm_cli.plugin import LesionClass

LANGUAGES = ("de", "es", "pt")
_TRANSLATIONS = {
    "actinic keratosis": ("aktinische Keratose", "queratosis actínica", "queratose actínica"),
    "actinic keratosis or intraepithelial carcinoma": (
        "aktinische Keratose oder intraepitheliales Karzinom",
        "queratosis actínica o carcinoma intraepitelial",
        "queratose actínica ou carcinoma intraepitelial",
    ),
    "basal cell carcinoma": ("Basalzellkarzinom", "carcinoma basocelular", "carcinoma basocelular"),
    "benign": ("gutartig", "benigno", "benigno"),
    "benign keratosis-like lesion": (
        "gutartige keratoseähnliche Läsion",
        "lesión benigna similar a queratosis",
        "lesão benigna do tipo queratose",
    ),
    "benign lesion": ("gutartige Läsion", "lesión benigna", "lesão benigna"),
    "dermatofibroma": ("Dermatofibrom", "dermatofibroma", "dermatofibroma"),
    "haemangioma": ("Hämangiom", "hemangioma", "hemangioma"),
    "indeterminate": ("unbestimmt", "indeterminado", "indeterminado"),
    "intraepithelial carcinoma": ("intraepitheliales Karzinom", "carcinoma intraepitelial", "carcinoma intraepitelial"),
    "malignant": ("bösartig", "maligno", "maligno"),
    "malignant melanoma": ("malignes Melanom", "melanoma maligno", "melanoma maligno"),
    "melanocytic nevus": ("melanozytärer Nävus", "nevo melanocítico", "nevo melanocítico"),
    "melanoma": ("Melanom", "melanoma", "melanoma"),
    "miscellaneous": ("Verschiedenes", "otras lesiones", "outras lesões"),
    "nevus": ("Nävus", "nevo", "nevo"),
    "pyogenic granuloma": ("pyogenes Granulom", "granuloma piógeno", "granuloma piogênico"),
    "seborrheic keratosis": ("seborrhoische Keratose", "queratosis seborreica", "queratose seborreica"),
    "seborrhoeic keratosis": ("seborrhoische Keratose", "queratosis seborreica", "queratose seborreica"),
    "squamous cell carcinoma": ("Plattenepithelkarzinom", "carcinoma espinocelular", "carcinoma espinocelular"),
    "squamous cell carcinoma, with bowen's disease": (
        "Plattenepithelkarzinom, mit Morbus Bowen",
        "carcinoma espinocelular, con enfermedad de Bowen",
        "carcinoma espinocelular, com doença de Bowen",
    ),
    "vascular lesion": ("vaskuläre Läsion", "lesión vascular", "lesão vascular"),
}
"""By English title, in small letters, the title in each of the languages."""


def translations(language: str) -> Mapping[str, str]:
    """Return the titles in one of :data:`LANGUAGES` by English title, in small letters."""
    place = LANGUAGES.index(language)
    return {title: others[place] for title, others in _TRANSLATIONS.items()}


def class_titles(classes: Iterable[LesionClass] = ()) -> dict[str, dict[str, str]]:
    """Return by language the title of each class by its name; no language where one of them has no translation.

    Without ``classes``, as where a folder's own labels are its classes, these are taken for English titles.
    """
    titles = {each.name: each.title.casefold() for each in classes} or {each: each for each in _TRANSLATIONS}
    if not set(titles.values()) <= _TRANSLATIONS.keys():
        return {}
    return {each: {name: translations(each)[title] for name, title in titles.items()} for each in LANGUAGES}
