"""Writes an artefact as a whole, or not at all and with a sentence that says why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from derm_cli.plugin import DermError, first_line, quietly, whole


@contextmanager
def artefact_file(path: Path, format_name: str) -> Iterator[Path]:
    """Give a temporary name to write an artefact of ``format_name`` to; it becomes ``path`` when all went well.

    What converters print is held back.  Raises DermError, and leaves ``path`` as it was, where anything fails.
    """
    try:
        with whole(path) as temporary, quietly():
            yield temporary
    except DermError:
        raise
    except OSError as error:
        raise DermError(
            f"'{path}' cannot be written ({error.strerror or first_line(error)}): "
            "check the permission and the space there and in the temporary folder, and export again."
        ) from error
    # A converter's errors have no common base.
    except Exception as error:
        raise DermError(
            f"'{path}' cannot be converted to {format_name} ({first_line(error)}): export it in another format."
        ) from error
