"""Every kind of finding: how bad it is, what it is called, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "dropped", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "dropped", "warning", "note")
"""The worst first.  Figures cannot be trusted, or training refuses; left out of training; used, but doubtful; told."""
FAILING = SEVERITIES[:3]
"""What ``--strict`` fails on."""


@dataclass(frozen=True)
class FindingKind:
    """A kind of finding: its name for programs, its severity, its title, and what it means and asks for."""

    name: str
    severity: Severity
    title: str
    advice: str


def _kinds(severity: Severity, *rows: tuple[str, str, str]) -> dict[str, FindingKind]:
    return {name: FindingKind(name, severity, title, advice) for name, title, advice in rows}


KINDS: dict[str, FindingKind] = {
    **_kinds(
        "error",
        (
            "contradicting-copies",
            "the same file under contradicting classes",
            "A network would be taught one thing and its opposite, and judged by both. Find out which class is right, "
            "and take the other record out.",
        ),
        (
            "official-split-leaks",
            "shared by parts of the official split",
            "What is tested on was seen in training, so figures are too good. Training refuses such a split: use "
            "--split own, or take these photographs out.",
        ),
        (
            "too-little",
            "too little to train on",
            "Training refuses such a dataset: add photographs, or leave the class out.",
        ),
    ),
    **_kinds(
        "dropped",
        (
            "unknown-label",
            "the label is none of the classes",
            "Correct the label in the dataset's table.",
        ),
        (
            "unlabelled",
            "the label says that the class is not known",
            "Words such as nan, none and unknown are no class. Give the photograph its class, or another name to a "
            "class that is meant.",
        ),
        ("empty-id", "no case id", "Give each photograph an id of its own."),
        ("no-file", "a row that names no photograph", "Write the photograph's path into the row, or take the row out."),
        (
            "duplicate-id",
            "the case id stands on an earlier record",
            "The first record is used. Give each photograph an id of its own, or take the other row out.",
        ),
        (
            "duplicate-file",
            "the file stands on an earlier record",
            "The first record is used. Take the other row out.",
        ),
        (
            "outside",
            "the path leads out of the dataset's folder",
            "Write paths as they are below the folder, and move there what lies elsewhere.",
        ),
        ("name-not-text", "a name that is not UTF-8", "Rename the file or its folder."),
        (
            "missing-file",
            "the file is not there",
            "Complete the download or the copy; look for another spelling of the name.",
        ),
        ("empty-file", "an empty file", "Copy or download the file again."),
        ("not-an-image", "not an image", "Save it as JPEG or PNG, or take the record out."),
        (
            "unread-format",
            "a photograph in a format that is not read",
            "pip install 'derm-cli[heic]' gives what reads HEIC. Develop what a camera wrote raw; save others as JPEG.",
        ),
        ("damaged", "damaged or cut short", "Copy or download the file again."),
        ("animated", "several images in one file", "Save the one that is meant as JPEG or PNG."),
        ("far-too-small", "far too small", "Nothing of a lesion can be seen. Look for the original."),
        (
            "far-too-large",
            "far too large to decode",
            "Refused without decoding, for it could fill the memory. Save it smaller, if it is a photograph at all.",
        ),
        ("unreadable", "cannot be read", "Look at the permissions and at the disk, then check again."),
    ),
    **_kinds(
        "warning",
        (
            "contradicting-look-alikes",
            "photographs that look the same under contradicting classes",
            "Look at them. If they show the same lesion, one class is wrong.",
        ),
        (
            "contradicting-lesion",
            "one lesion under contradicting classes",
            "Either a class or the lesion's id is wrong.",
        ),
        (
            "copies-across",
            "the same file in several datasets",
            "In a chain, a photograph may be trained on in one dataset and tested on in another. Take it out of one.",
        ),
        (
            "copies",
            "the same file more than once",
            "All copies stay on one side of the split, but they count for more than they should. Keep one.",
        ),
        (
            "look-alikes-across",
            "photographs that look the same in several datasets",
            "Look at them. If they are the same, take one out: it may be trained on here and tested on there.",
        ),
        (
            "look-alikes",
            "photographs that look the same, not known to be of one lesion",
            "Look at them. They stay on one side of the split; if they are one photograph, keep one.",
        ),
        (
            "impossible-value",
            "a value that cannot be",
            "The photograph is used, and the value is taken for unknown. Correct it in the dataset's table.",
        ),
        (
            "wrong-extension",
            "the name's ending is that of another format",
            "It is read all the same, by its contents; other programs may refuse it. Rename it.",
        ),
        ("blank", "nothing to be seen", "The photograph is of one colour. Look at it, and take it out."),
        ("grey", "without colour", "Colour tells lesions apart. Look for the original."),
        ("transparent", "partly transparent", "White shows through. Save it without transparency."),
        (
            "damaged-profile",
            "a damaged colour profile",
            "Its colours are taken for sRGB. Look at it beside others.",
        ),
        (
            "small",
            "small",
            "The shorter side has less than half the pixels of the smallest usual network input, 224. Look for the "
            "original.",
        ),
        (
            "tells-place",
            "tells where it was taken",
            "GPS data lie in the file. Derm keeps none of it, but whoever gets the file does: take it out.",
        ),
        (
            "unknown-diagnosis",
            "a diagnosis that the ISIC hierarchy has not",
            "When datasets are merged, the photograph falls into no class. Correct its spelling.",
        ),
        (
            "similar-classes",
            "classes of nearly the same name",
            "If they are one class in two spellings, make them one.",
        ),
        (
            "dominant-patient",
            "one patient or lesion has a large share of the photographs",
            "If it is a word for 'unknown', leave its cells empty: else all of them stay on one side of the split.",
        ),
        (
            "empty-class",
            "a class without photographs",
            "It is in no run. Complete the dataset, or expect it to be missing.",
        ),
        (
            "few-patients",
            "a class of few patients",
            "A test part has one or two of them, so its figures say little. Add patients.",
        ),
        (
            "shortcut",
            "an answer that tells how the label came about",
            "A classifier that is given it learns who was biopsied, not what the lesion is, and is worse elsewhere. "
            "--metadata auto leaves it out; take care that the question is put to everybody.",
        ),
        (
            "unusable-mask",
            "no usable mask of the lesion",
            "With --crop lesion the photograph is used whole. Look at the mask.",
        ),
    ),
    **_kinds(
        "note",
        (
            "tells-label",
            "known only because of how the diagnosis was made",
            "Nothing: --metadata auto leaves it out.",
        ),
        ("left-out", "the class is left out, as asked for", "Nothing, if that is what you want."),
        (
            "look-alikes-of-one",
            "photographs of one patient or lesion that look the same",
            "Nothing: they stay on one side of the split.",
        ),
        (
            "orphan",
            "on disk, but in no record",
            "Nothing, if they are meant to be left out; else look for the rows that the table lacks.",
        ),
        ("alpha", "an alpha channel that hides nothing", "Nothing: it is dropped."),
        ("palette", "few colours, by a palette", "Nothing, but originals have more colours."),
        ("cmyk", "colours for printing (CMYK)", "Nothing: they are converted. Colours may be off; look at one."),
        ("sixteen-bit", "more than 8 bits a channel", "Nothing: they are converted to 8."),
        ("turned", "stored turned, with an EXIF orientation", "Nothing: they are turned upright."),
        ("several-frames", "a photograph with a preview or depth map", "Nothing: the first image is used."),
        ("other-profile", "a colour profile other than sRGB", "Nothing: colours are converted to sRGB."),
        (
            "tells-more",
            "metadata that may tell of persons, devices or times",
            "Derm keeps none of it. Take it out before you pass the files on.",
        ),
        ("blurred", "blurred", "Look at them."),
        ("dark", "very dark", "Look at them."),
        ("bright", "very bright", "Look at them."),
        ("large", "very large", "Nothing, but packing them is slow: originals of a tenth would do."),
        (
            "imbalance",
            "classes of very different sizes",
            "Training can balance its batches (--per-class); read figures class by class.",
        ),
        (
            "patients-unknown",
            "neither patients nor lesions are known",
            "Only files that are the same or look alike are kept together: the same patient may be trained on and "
            "tested on. Add patient ids.",
        ),
        (
            "skin-tone",
            "skin tones are missing or one-sided",
            "What is measured on this dataset does not tell how a model does on other skin.",
        ),
    ),
}
"""All kinds by name, in the order in which they are told."""
