"""Whether nodes see what a study needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from derm_cli.plugin import Capacity, RequestError
from derm_ray.cluster import Node
from derm_ray.seeing import require_seen

NODES = [Node("1", "near", 1, 0), Node("2", "far", 1, 0)]


@pytest.fixture
def needed(tmp_path) -> Capacity:
    """What a study needs, as it is here."""
    for name in ("runs", "cache", "data/clinic"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("a.csv", "b.jpg"):
        (tmp_path / "data" / "clinic" / name).touch()
    (tmp_path / "salt").write_text("5a17")
    return Capacity(
        store={name: tmp_path / name for name in ("runs", "cache")},
        data={"clinic": tmp_path / "data" / "clinic"},
        alike={"the salt": tmp_path / "salt"},
    )


def asking(**changed):
    """Return what asks nodes: each sees what is here, but the second has ``changed`` fields."""

    def ask(nodes, function, arguments):
        assert [node.name for node in nodes] == ["near", "far"]
        return [function(*arguments), replace(function(*arguments), **changed)]

    return ask


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"markers": ["", ""]},
            r"Node 'far' does not see the folder of runs, '.*/runs', which all nodes must share: mount it there",
        ),
        ({"markers": ["an old token", ""]}, r"Node 'far' does not see the folder of runs, .* is with --runs"),
        (
            {"data": ["lacks '/data/clinic/b.jpg'"]},
            r"Node 'far' lacks '/data/clinic/b.jpg' of dataset 'clinic': mount the folder of data there",
        ),
        ({"hashes": [""]}, r"Node 'far' has not the salt of this machine, the file '.*/salt': copy it there"),
        ({"hashes": ["another"]}, r"Node 'far' has not the salt of this machine"),
        ({"has_program": False}, r"Node 'far' has no '.*': install derm there in the same"),
    ],
)
def test_what_a_node_does_not_see_is_refused_with_its_name(needed, changed, sentence):
    with pytest.raises(RequestError, match=sentence):
        require_seen(NODES, needed, asking(**changed))
    assert not [path for folder in needed.store.values() for path in folder.iterdir()]


def test_a_node_whose_copy_of_the_data_is_not_whole_is_refused(needed, tmp_path):
    folder = needed.data["clinic"]
    for number in range(3):
        (folder / "images").mkdir(exist_ok=True)
        (folder / "images" / f"{number}.jpg").touch()

    def ask(nodes, function, arguments):
        for path in (folder / "images").iterdir():
            path.unlink()
        return [function(*arguments) for _ in nodes]

    with pytest.raises(RequestError, match=r"'near' has 0 photographs in place of 3 in '.*/clinic/images' of dataset"):
        require_seen(NODES, needed, ask)


def test_where_all_is_seen_nothing_is_said_and_no_marker_is_left(needed, tmp_path):
    marked: list[Path] = []

    def ask(nodes, function, arguments):
        marked.extend(Path(path) for path in arguments[0])
        assert all(path.exists() for path in marked)
        return [function(*arguments) for _ in nodes]

    store = {**needed.store, "new": tmp_path / "not" / "yet"}
    # What is on the node beside that is its own affair.
    data = {**needed.data, "drawn": tmp_path / "nowhere"}
    require_seen(NODES, replace(needed, store=store, data=data), ask)
    assert len(marked) == 3
    assert not any(path.exists() for path in marked)


def test_where_nothing_is_needed_nothing_is_asked():
    require_seen(NODES, Capacity(), lambda *_: pytest.fail("asked"))
