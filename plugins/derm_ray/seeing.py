"""Whether every node sees what a study needs: the store that all write to, and the photographs that are trained on."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from derm_cli.plugin import Capacity, RequestError
from derm_ray.cluster import Node
from derm_ray.data_listing import listing_of
from derm_ray.tasks import hash_of, seen_here

MARKER = ".derm-seen-"


def require_seen(
    nodes: Sequence[Node],
    needed: Capacity,
    ask: Callable[[Sequence[Node], Callable[..., Any], tuple[Any, ...]], list[Any]],
) -> None:
    """Raise RequestError, with its name, where a node does not see what is ``needed`` as it is here.

    ``ask(nodes, function, arguments)`` gives what a function returns on each node.  A marker is looked for in each
    folder of the store; of data, which may be a copy, names, numbers of photographs and sizes of tables are compared;
    of files that must be alike, hashes.  Where none of that is needed nothing is asked.
    """
    store, data, alike = needed.store, needed.data, needed.alike
    if not (store or data or alike):
        return
    listings = [(str(path), listing_of(path)) for path in data.values()]
    files = [str(path) for path in alike.values()]
    with _marked(store) as markers:
        paths = [path for path, _ in markers.values()]
        seen = ask(nodes, seen_here, (paths, listings, files, sys.executable))
    own_hashes = [hash_of(path) for path in alike.values()]
    for node, there in zip(nodes, seen, strict=True):
        for (name, (_, token)), said in zip(markers.items(), there.markers, strict=True):
            if said != token:
                raise RequestError(
                    f"Node '{node.name}' does not see the folder of {name}, '{store[name]}', which all nodes must "
                    f"share: mount it there in the same place, or name one that is with --{name}."
                )
        for name, said in zip(data, there.data, strict=True):
            if said:
                raise RequestError(
                    f"Node '{node.name}' {said} of dataset '{name}': mount the folder of data there in the same place, "
                    "or copy it."
                )
        for (name, file), own, other in zip(alike.items(), own_hashes, there.hashes, strict=True):
            if own and own != other:
                raise RequestError(
                    f"Node '{node.name}' has not {name} of this machine, the file '{file}': copy it there, or share "
                    "its folder."
                )
        if not there.has_program:
            raise RequestError(
                f"Node '{node.name}' has no '{sys.executable}': install derm there in the same place, as by a shared "
                "folder or the same image."
            )


@contextmanager
def _marked(store: Mapping[str, Path]) -> Iterator[dict[str, tuple[str, str]]]:
    """Write a marker into each folder, give their paths and texts, and remove them after the ``with`` block."""
    markers = {name: (path / f"{MARKER}{secrets.token_hex(8)}", secrets.token_hex(16)) for name, path in store.items()}
    try:
        for path, token in markers.values():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(token, encoding="ascii")
        yield {name: (str(path), token) for name, (path, token) in markers.items()}
    finally:
        for path, _ in markers.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)
