import errno
import os
import time

import numpy as np
import pytest
from PIL import Image

from derm_cli.data import packing
from derm_cli.data.packing import pack
from derm_cli.data.preprocessing import read_photograph
from derm_cli.plan import Preprocessing

RULE = Preprocessing(size=32)


@pytest.fixture
def files(tmp_path):
    draw = np.random.default_rng(0)
    paths = [tmp_path / "photos" / f"{number}.png" for number in range(5)]
    paths[0].parent.mkdir()
    for path in paths:
        Image.fromarray(draw.integers(0, 255, (40, 40, 3), dtype=np.uint8)).save(path)
    return paths


def test_packed_photographs_are_those_of_the_files(files, tmp_path):
    packed = pack(files, RULE, tmp_path / "cache", "made")
    assert packed.fresh
    assert packed.unreadable == {}
    for row, path in enumerate(files):
        np.testing.assert_array_equal(packed.photographs[row], read_photograph(path, RULE))


def test_nothing_is_decoded_twice(files, tmp_path, monkeypatch):
    first = pack(files, RULE, tmp_path / "cache", "made")
    monkeypatch.setattr(packing, "read_photograph", lambda *_: pytest.fail("decoded again"))
    again = pack(files, RULE, tmp_path / "cache", "made")
    assert not again.fresh
    np.testing.assert_array_equal(first.photographs, again.photographs)


def test_a_hit_is_noted_as_the_pack_s_last_use(files, tmp_path):
    pack(files, RULE, tmp_path / "cache", "made")
    (notes,) = (tmp_path / "cache" / "packs").glob("*.json")
    written = notes.read_text()
    os.utime(notes, (1, 1))
    pack(files, RULE, tmp_path / "cache", "made")
    assert time.time() - notes.stat().st_mtime < 60
    assert notes.read_text() == written


def test_a_pack_that_others_own_is_used_all_the_same(files, tmp_path, monkeypatch):
    pack(files, RULE, tmp_path / "cache", "made")

    def refuse(*_, **__):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(type(tmp_path), "touch", refuse)
    assert not pack(files, RULE, tmp_path / "cache", "made").fresh


def test_a_pack_that_is_in_use_can_be_removed(files, tmp_path):
    packed = pack(files, RULE, tmp_path / "cache", "made")
    for path in (tmp_path / "cache" / "packs").iterdir():
        path.unlink()
    np.testing.assert_array_equal(packed.photographs[4], read_photograph(files[4], RULE))
    assert pack(files, RULE, tmp_path / "cache", "made").fresh


def test_a_renamed_file_is_found_and_a_changed_one_is_decoded_anew(files, tmp_path):
    pack(files, RULE, tmp_path / "cache", "made")
    moved = files[0].rename(files[0].with_name("moved.png"))
    assert not pack([moved, *files[1:]], RULE, tmp_path / "cache", "made").fresh
    Image.new("RGB", (40, 40), "red").save(moved)
    changed = pack([moved, *files[1:]], RULE, tmp_path / "cache", "made")
    assert changed.fresh
    assert (changed.photographs[0] == [255, 0, 0]).all()


def test_another_preprocessing_is_another_pack(files, tmp_path):
    pack(files, RULE, tmp_path / "cache", "made")
    assert pack(files, Preprocessing(size=32, interpolation="area"), tmp_path / "cache", "made").fresh


def test_unreadable_files_are_told_by_row_also_from_the_cache(files, tmp_path):
    files[1].write_text("no image")
    files[3].unlink()
    for _ in range(2):
        packed = pack(files, RULE, tmp_path / "cache", "made")
        assert packed.unreadable == {1: "not an image", 3: "the file is not there"}


def test_a_packing_that_stops_half_way_leaves_nothing_to_be_taken_for_whole(files, tmp_path, monkeypatch):
    def stop(path, rule):
        if path == files[3]:
            raise OSError(28, os.strerror(28))
        return read_photograph(path, rule)

    monkeypatch.setattr(packing, "read_photograph", stop)
    with pytest.raises(OSError, match="No space left"):
        pack(files, RULE, tmp_path / "cache", "made")
    assert [path.suffix for path in (tmp_path / "cache" / "packs").iterdir()] in ([], [".lock"])
    monkeypatch.undo()
    assert pack(files, RULE, tmp_path / "cache", "made").fresh
