"""Reads derm.toml as people's editors write it; where it is no TOML, the usual slips are named with their remedy."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from derm_cli.encoding import EncodingFault, decode_text
from derm_cli.errors import DermError

PATHS = "write Windows paths in single quotes, as in 'C:\\Users\\me'"

_SLIPS = (
    (re.compile(r'"[^"]*\\'), f"in double quotes a backslash begins an escape: {PATHS}"),
    (re.compile("[\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]"), "its quotes are typographic: write straight ones"),
    (re.compile(r"[=\[,]\s*(True|TRUE|Yes|YES|yes|on|On|ON)\b"), "write 'true'"),
    (re.compile(r"[=\[,]\s*(False|FALSE|No|NO|no|off|Off|OFF)\b"), "write 'false'"),
    (re.compile(r"=\s*(None|null|nil)\b"), "leave the line out where there is no value"),
    (re.compile(r"=\s*[+-]?\d*,\d+\s*(#.*)?$"), "write decimals with a point, as in 0.5"),
    (re.compile(r"=\s*[+-]?(\.\d+|\d+\.)\s*(#.*)?$"), "write a digit on either side of the point, as in 0.5"),
    (re.compile(r"^\s*[\w.-]+\s*:"), "write '=' between a key and its value, where this has a colon"),
    (re.compile(r"=\s*[^\W\d]"), "write text in quotes"),
    (re.compile(r"=\s*[/\\~.]"), "write paths in single quotes"),
    (re.compile(r"^\s*\[[^\]]*$"), "close the bracket"),
    (re.compile(r"=\s*(#.*)?$"), "give a value, or leave the line out"),
    (re.compile(r"^\s*(//|;|--)"), "begin comments with '#'"),
)
"""What a wrong line looks like, and what to do about it; the first that fits is told."""


def read_settings_file(path: Path) -> dict[str, Any]:
    r"""Return the content of a TOML file in UTF-8, or in UTF-16 with a byte order mark.

    Raises DermError where it cannot be read, is no TOML, or has text with a character that nobody sees, which is what
    becomes of the backslashes in "C:\temp".
    """
    try:
        content = tomllib.loads(decode_text(path.read_bytes()).replace("\r\n", "\n"))
    except OSError as error:
        raise DermError(
            f"The settings file '{path}' cannot be read ({error.strerror}): mend it or unset DERM_CONFIG."
        ) from error
    except EncodingFault as fault:
        raise DermError(f"The settings file '{path}' {fault}: save it as text in UTF-8.") from None
    # Lists in lists in lists may be deeper than Python goes, and integers longer.
    except (ValueError, RecursionError) as error:
        raise DermError(
            f"The settings file '{path}' is not valid TOML ({error}): {_remedy(path, str(error))}."
        ) from error
    _refuse_unseen_characters(path, content, "")
    return content


def _remedy(path: Path, message: str) -> str:
    position = re.search(r"at line (\d+)", message)
    lines = decode_text(path.read_bytes()).splitlines()
    filled = [number for number, line in enumerate(lines, 1) if line.strip()]
    # Otherwise it is the end of the document that is wrong.
    number = int(position[1]) if position else filled[-1] if filled else 0
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    remedy = next((remedy for slip, remedy in _SLIPS if slip.search(line)), "")
    return f"line {number} is '{line}'; {remedy}" if remedy else "mend that place"


def _refuse_unseen_characters(path: Path, value: object, key: str) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            _refuse_unseen_characters(path, each, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for each in value:
            _refuse_unseen_characters(path, each, key)
    elif isinstance(value, str) and not value.isprintable():
        raise DermError(
            f"'{path}': '{key}' is {value!r}, which has a character that nobody sees; in double quotes a backslash "
            f"begins an escape: {PATHS}."
        )
