import hashlib

import pytest

from derm_cli.files import content_hash, sha256_of, size_of, whole, write_text


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), whole(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


def test_writing_makes_folders_and_replaces(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    write_text(path, "one")
    write_text(path, "two")
    assert path.read_text() == "two"


def test_sha256(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"derm")
    assert sha256_of(path) == hashlib.sha256(b"derm").hexdigest()


def test_two_writers_of_one_number_do_not_take_each_other_s_file(tmp_path):
    """As in two containers that share a folder."""
    path = tmp_path / "a.txt"
    with whole(path) as first:
        first.write_text("first")
        with whole(path) as second:
            second.write_text("second")
        assert path.read_text() == "second"
    assert path.read_text() == "first"
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_has_a_hash_of_what_is_in_it_and_where(tmp_path):
    folder = tmp_path / "folder"
    write_text(folder / "deep" / "a", "derm")
    write_text(folder / "b", "x")
    expected = f"{sha256_of(folder / 'b')}  b\n{sha256_of(folder / 'deep' / 'a')}  deep/a\n"
    assert content_hash(folder) == hashlib.sha256(expected.encode()).hexdigest()
    assert content_hash(folder / "b") == sha256_of(folder / "b")
    assert (size_of(folder), size_of(folder / "b")) == (5, 1)
    (folder / "b").rename(folder / "c")
    assert content_hash(folder) != hashlib.sha256(expected.encode()).hexdigest()
