"""The notes of a pack: a line of JSON a photograph, written as they are packed, and sealed when all are there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derm_cli.data.facts import Facts
from derm_cli.data.preprocessing.heif import lacked_decoder

UNREADABLE = "unreadable:"
"""Begins what stands instead of a SHA-256 where a file could not even be read."""
RowKey = tuple[str, str | None]
"""What a row's pixels depend on beside the preprocessing: the contents of the file, and of its mask if it is used."""


@dataclass(frozen=True, slots=True)
class PackRow:
    """What is known of one packed photograph, a row of the array.

    ``content`` and ``mask`` are SHA-256 of the files; ``checksum`` is that of its pixels, shortened, since it is
    against damage and not against malice.  ``unreadable`` is why there are no pixels, ``uncropped`` why it was not
    cropped to its lesion.
    """

    content: str
    mask: str | None
    checksum: str
    unreadable: str | None
    uncropped: str | None
    facts: Facts | None

    @property
    def key(self) -> RowKey:
        """What its pixels depend on."""
        return self.content, self.mask

    @property
    def is_reusable(self) -> bool:
        """Whether the same contents give this row again: not where a file could not be read this time."""
        return not (
            self.content.startswith(UNREADABLE)
            or (self.mask or "").startswith(UNREADABLE)
            or lacked_decoder(self.unreadable)
        )

    def to_line(self) -> bytes:
        """Return it as a line of JSON."""
        facts = None if self.facts is None else self.facts.to_json()
        return json_line([self.content, self.mask, self.checksum, self.unreadable, self.uncropped, facts])


@dataclass(frozen=True)
class Notes:
    """The notes of a pack: its ``head``, and the rows that are written, up to the byte ``ends[i]`` of the file.

    ``sealed`` tells that no row is missing and no byte was changed.
    """

    head: dict[str, Any]
    rows: tuple[PackRow, ...]
    ends: tuple[int, ...]
    sealed: bool


def json_line(value: Any) -> bytes:
    """Return ``value`` as a line of JSON in UTF-8."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def seal_line(digest: hashlib._Hash) -> bytes:
    """Return the line that ends notes, which have ``digest`` up to here."""
    return json_line({"seal": digest.hexdigest()})


def read_notes(path: Path) -> Notes:
    """Read notes as far as they are whole.  Raises FileNotFoundError, and ValueError where not even the head is."""
    head: dict[str, Any] | None = None
    rows: list[PackRow] = []
    ends: list[int] = []
    digest, end, sealed = hashlib.sha256(), 0, False
    with path.open("rb") as file:
        for line, value in _parsed_lines(file):
            if isinstance(value, dict) and head is not None:
                sealed = line == seal_line(digest) and not file.read(1)
                break
            if head is None:
                if not isinstance(value, dict) or "format" not in value:
                    break
                head = value
            else:
                try:
                    rows.append(_parsed_row(value))
                except (TypeError, ValueError, AttributeError):
                    break
                ends.append(end + len(line))
            end += len(line)
            digest.update(line)
    if head is None:
        raise ValueError(f"'{path}' has no head")
    return Notes(head, tuple(rows), tuple(ends), sealed)


def _parsed_lines(file: Any) -> Iterator[tuple[bytes, Any]]:
    for line in file:
        try:
            # What a kill, or a power cut, left at the end is no line, or no JSON.
            if not line.endswith(b"\n"):
                return
            yield line, json.loads(line)
        except ValueError:
            return


def _parsed_row(value: Sequence[Any]) -> PackRow:
    content, mask, checksum, unreadable, uncropped, facts = value
    return PackRow(content, mask, checksum, unreadable, uncropped, None if facts is None else Facts.from_json(facts))
