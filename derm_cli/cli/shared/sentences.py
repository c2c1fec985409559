"""What is said of errors that no function of derm foresaw: what the system refused, and what is derm's own fault."""

from __future__ import annotations

import os
from pathlib import Path

from derm_cli.config import Settings
from derm_cli.errors import LONGEST, first_line


def unexpected(error: Exception) -> str:
    """Return the sentence on an error that nobody foresaw, and that is no plugin's."""
    kind, said = type(error).__name__, first_line(error, LONGEST)
    message = kind if said == kind else f"{kind}: {said}"
    return f"Derm did not expect this ({message}): run 'derm --verbose …' and report what it prints."


def refusal(error: OSError, settings: Settings | None = None) -> str:
    """Return the sentence on what the system refused, with the remedy where it is the cache that cannot be written."""
    where = f" '{error.filename}'" if error.filename else ""
    remedy = "Check the permission and the space there"
    cache = settings.known_cache_folder if settings else None
    if cache is not None and error.filename and _is_on_the_way(Path(os.fsdecode(error.filename)), cache.absolute()):
        remedy += ", or name another folder for the cache with --cache DIR or DERM_CACHE"
    return f"The system refused{where}: {error.strerror or error}. {remedy}."


def _is_on_the_way(path: Path, folder: Path) -> bool:
    """Tell whether ``path`` is inside a folder, or what it would lie in."""
    return path.absolute().is_relative_to(folder) or folder.is_relative_to(path.absolute())
