"""Fills the parts of the pages that are read off the code: ``python docs/generate.py``.

Such a part stands between the markers of cog.  ``--check`` writes nothing and exits with 1 where a page is stale.  What
is written does not depend on the machine: no setting, no derm.toml, and no plugin but the built-in ones is looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from cogapp import Cog

DOCS = Path(__file__).parent


def pages() -> Iterator[tuple[Path, str, str]]:
    """Yield each page with the text that it has, and the text that it should have."""
    sys.path.insert(0, str(DOCS))
    try:
        for page in sorted(DOCS.rglob("*.md")):
            text = page.read_text(encoding="utf-8")
            yield page, text, Cog().process_string(text, page.name)
    finally:
        sys.path.remove(str(DOCS))


def named(page: Path) -> str:
    """Return the name of ``page`` in the repository."""
    return f"docs/{page.relative_to(DOCS).as_posix()}"


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` say which of them are stale."""
    stale = [(page, wanted) for page, text, wanted in pages() if text != wanted]
    if "--check" in arguments:
        for page, _ in stale:
            click.echo(f"{named(page)} is not what the code says: run 'make docs' and commit the page.", err=True)
        return 1 if stale else 0
    for page, wanted in stale:
        page.write_text(wanted, encoding="utf-8")
        click.echo(f"{named(page)} is written anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
