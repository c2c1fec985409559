import hashlib

import pytest

from derm_cli.files import sha256_of, whole, write_text


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
