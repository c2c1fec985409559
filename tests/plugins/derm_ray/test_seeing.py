"""Whether nodes see what a study needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.plugin import RequestError
from derm_ray.cluster import Node
from derm_ray.seeing import require_seen

NODES = [Node("1", "near", 1, 0), Node("2", "far", 1, 0)]


@pytest.fixture
def folders(tmp_path):
    """Folders of a store and of data, as the nodes see them: ``far`` by another root."""
    for name in ("runs", "cache", "data/clinic"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("a.csv", "b.jpg"):
        (tmp_path / "data" / "clinic" / name).touch()
    return {name: tmp_path / name for name in ("runs", "cache")}, {"clinic": tmp_path / "data" / "clinic"}


def asking(changed):
    """Return what asks nodes: each sees what is here, but the second what ``changed(seen)`` makes of it."""

    def ask(nodes, function, arguments):
        assert [node.name for node in nodes] == ["near", "far"]
        return [function(*arguments), changed(*function(*arguments))]

    return ask


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            lambda said, listed, has: ({**said, "runs": ""}, listed, has),
            r"Node 'far' does not see the folder of runs, '.*/runs', which all nodes must share: mount it there",
        ),
        (
            lambda said, listed, has: ({**said, "cache": "an old token"}, listed, has),
            r"Node 'far' does not see the folder of cache, .*, or name one that is with --cache",
        ),
        (
            lambda said, listed, has: (said, {"clinic": None}, has),
            r"Node 'far' lacks '.*/data/clinic' of dataset 'clinic': mount the folder of data there",
        ),
        (
            lambda said, listed, has: (said, {"clinic": ["a.csv"]}, has),
            r"Node 'far' lacks '.*/clinic/b.jpg' of dataset",
        ),
        (lambda said, listed, has: (said, listed, False), r"Node 'far' has no '.*': install derm there in the same"),
    ],
)
def test_what_a_node_does_not_see_is_refused_with_its_name(folders, changed, sentence):
    with pytest.raises(RequestError, match=sentence):
        require_seen(NODES, *folders, asking(changed))
    assert not [path for folder in folders[0].values() for path in folder.iterdir()]


def test_where_all_is_seen_nothing_is_said_and_no_marker_is_left(folders, tmp_path):
    marked: list[Path] = []

    def ask(nodes, function, arguments):
        marked.extend(Path(path) for path, _ in arguments[0].values())
        assert all(path.exists() for path in marked)
        return [function(*arguments) for _ in nodes]

    store = {**folders[0], "new": tmp_path / "not" / "yet"}
    # What is on the node beside that is its own affair.
    require_seen(NODES, store, {**folders[1], "drawn": tmp_path / "nowhere"}, ask)
    assert len(marked) == 3
    assert not any(path.exists() for path in marked)


def test_without_folders_nothing_is_asked():
    require_seen(NODES, {}, {}, lambda *_: pytest.fail("asked"))
