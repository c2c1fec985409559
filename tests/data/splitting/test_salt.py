"""The salt is random, one for a user, and nobody else's to read."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from platformdirs import user_data_path

from derm_cli.data.splitting import salt as room
from derm_cli.data.splitting.salt import BYTES, FILE, salt


@pytest.fixture
def salt_path(own_home):
    assert own_home.is_dir()
    return user_data_path("derm", appauthor=False) / FILE


def test_it_is_made_once_for_its_owner_alone(salt_path, own_home):
    first = salt()
    assert len(first) == BYTES
    assert salt() == first
    assert salt_path.is_relative_to(own_home)
    assert stat.S_IMODE(salt_path.stat().st_mode) == 0o600
    assert [path.name for path in salt_path.parent.iterdir()] == [FILE]


def test_another_user_has_another(salt_path):
    first = salt()
    salt_path.unlink()
    assert salt() != first


@pytest.mark.parametrize("content", ["", "zz", "ab"])
def test_one_that_is_damaged_is_made_anew(salt_path, content):
    salt_path.parent.mkdir(parents=True)
    salt_path.write_text(content)
    assert salt() == salt()


def test_two_processes_have_the_same(salt_path):
    assert not salt_path.exists()
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: salt(), range(16)))) == 1


def test_where_it_cannot_be_kept_it_is_told(salt_path, capsys, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(room.os, "open", refuse)
    assert salt() != salt()
    assert f"cannot be kept in '{salt_path}' (Permission denied)" in capsys.readouterr().err


@pytest.mark.parametrize("path", [RuntimeError("no home"), Path("~/.local/share/derm")])
def test_without_a_home_folder_it_is_told(tmp_path, capsys, monkeypatch, path):
    def user_data(*_, **__):
        if isinstance(path, Exception):
            raise path
        return path

    monkeypatch.setattr("platformdirs.user_data_path", user_data)
    monkeypatch.chdir(tmp_path)
    assert salt() != salt()
    assert "salt of patients' hashes cannot be kept (there is no home folder): the column" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
