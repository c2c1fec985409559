"""A contact sheet: photographs of each class side by side, as the network sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from derm_cli.data.preprocessing import Pixels
from derm_cli.errors import RequestError

SYNTHETIC_WARNING = "SYNTHETIC: these photographs are made by a program and show no patient."
PATIENTS_WARNING = "Photographs of patients may be shown here: keep this sheet as you keep those."
SUFFIXES = (".png", ".html", ".htm")


@dataclass(frozen=True)
class Picture:
    """A photograph on the sheet: uint8 (size, size, 3) as it was read, and then as it was changed, any number of times.

    ``case`` is its case, empty where names are not to be shown; ``note`` is what is to be known of it.
    """

    case: str
    versions: tuple[Pixels, ...]
    note: str = ""


@dataclass(frozen=True)
class ClassRow:
    """A class on the sheet: how many photographs it has in the tables, and those that are shown."""

    name: str
    title: str
    count: int
    pictures: tuple[Picture, ...]

    def heading(self) -> str:
        """Return the class and its counts in words."""
        named = self.name if self.title in ("", self.name) else f"{self.name}: {self.title}"
        return f"{named} ({len(self.pictures):,} of {self.count:,})"


@dataclass(frozen=True)
class ContactSheet:
    """A contact sheet as data: its title, its classes with their photographs, and what is missing.

    ``rule`` is the preprocessing in words, ``changes`` the augmentation, empty without one.  ``dropped`` counts the
    records that training cannot use, ``unreadable`` the photographs that were drawn for the sheet and cannot be read,
    both by reason.  ``is_synthetic`` tells that a program drew the photographs.
    """

    title: str
    is_synthetic: bool
    rule: str
    changes: str
    classes: tuple[ClassRow, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)
    unreadable: Mapping[str, int] = field(default_factory=dict)

    @property
    def warning(self) -> str:
        """The warning on the sheet: synthetic photographs, or patients'."""
        return SYNTHETIC_WARNING if self.is_synthetic else PATIENTS_WARNING

    def notes(self) -> list[str]:
        """Return, in sentences, how the photographs were changed and which ones are missing."""
        sentences = [f"As the network sees them: {self.rule}."]
        if self.changes:
            sentences.append(f"Each photograph first as it is, then as it is trained on: {self.changes}.")
        if self.dropped:
            sentences.append(f"Not usable, by the tables: {_counts_text(self.dropped)}.")
        if self.unreadable:
            sentences.append(f"Drawn for this sheet and not readable: {_counts_text(self.unreadable)}.")
        return sentences

    def write(self, path: Path) -> None:
        """Write the sheet, whole or not at all: a picture or a page, by the suffix of ``path``.

        Raises RequestError for a suffix that is neither.
        """
        check_suffix(path)
        if path.suffix.lower() == ".png":
            from derm_cli.data.contact_sheet.drawing import write_png

            write_png(self, path)
        else:
            from derm_cli.data.contact_sheet.page import write_page

            write_page(self, path)


def check_suffix(path: Path) -> None:
    """Raise RequestError where the suffix of ``path`` tells neither a picture nor a page."""
    if path.suffix.lower() not in SUFFIXES:
        raise RequestError(f"--to is '{path}', but a sheet is a picture or a page: let it end in .png or .html.")


def _counts_text(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} ({reason})" for reason, count in reasons.items())
