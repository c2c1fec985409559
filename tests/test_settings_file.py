"""derm.toml is read as editors write it, and a usual slip is named with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.errors import DermError
from derm_cli.settings_file import read_settings_file

TEXT = 'target = "Nävus"\n\n[train]\nepochs = 2\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_file_is_read_as_editors_write_it(encoding: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / "derm.toml"
    path.write_bytes(TEXT.replace("\n", ending).encode(encoding))
    assert read_settings_file(path) == {"target": "Nävus", "train": {"epochs": 2}}


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (r'data = "C:\Users\me"', r"line 1 is 'data = \"C:\Users\me\"'; in double quotes a backslash begins an escape"),
        (r'data = "D:\photographs"', "write Windows paths in single quotes"),
        (r'data = "C:\temp"', r"'data' is 'C:\temp', which has a character that nobody sees; in double quotes a back"),
        ('[datasets.a]\npath = "x\\new"', r"'datasets.a.path' is 'x\new', which has a character that nobody sees"),
        ('[train]\naugment = ["flip=0\\t"]', "'train.augment' is"),
        ("data = 'C:\\temp\nruns = 'x'", "not valid TOML"),
        ("target = \u201cedra\u201d", "its quotes are typographic: write straight ones"),
        ("[train]\nno-store = True", "line 2 is 'no-store = True'; write 'true'"),
        ("[train]\nno-store = yes", "write 'true'"),
        ("[train]\nno-store = off # not now", "write 'false'"),
        ("[train]\nsize = None", "leave the line out where there is no value"),
        ("[train]\ntest-share = 0,2", "line 2 is 'test-share = 0,2'; write decimals with a point, as in 0.5"),
        ("[train]\ntest-share = .2", "write a digit on either side of the point"),
        ("[train]\nepochs: 3", "write '=' between a key and its value, where this has a colon"),
        ("target = edra", "line 1 is 'target = edra'; write text in quotes"),
        ("data = /srv/x", "write paths in single quotes"),
        ("[train\nepochs = 3", "close the bracket"),
        ("data =", "give a value, or leave the line out"),
        ("// comment", "begin comments with '#'"),
        ("a = 1\na = 2", "not valid TOML (Cannot overwrite a value"),
        ("data = [", "not valid TOML"),
        ("data = 2026-13-45", "not valid TOML"),
        ("data = " + "9" * 5000, "not valid TOML"),
        ("data = " + "[" * 9999, "not valid TOML"),
        ("\n", ""),
    ],
)
def test_a_slip_is_named_with_its_remedy(text: str, remedy: str, tmp_path: Path) -> None:
    path = tmp_path / "derm.toml"
    path.write_text(text, encoding="utf-8")
    if not remedy:
        assert read_settings_file(path) == {}
        return
    with pytest.raises(DermError) as caught:
        read_settings_file(path)
    assert remedy.replace('\\"', '"') in str(caught.value).replace("\\\\", "\\")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (TEXT.encode("cp1252"), "is no UTF-8 text (line 1 has the byte 0xe4, 'ä' in Windows-1252): save it as text in"),
        (TEXT.encode("utf-16-le"), "UTF-8"),
        (b"PK\x03\x04", "is a ZIP file: save it as text in UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_refused_with_the_fault(content: bytes, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "derm.toml"
    path.write_bytes(content)
    with pytest.raises(DermError) as caught:
        read_settings_file(path)
    assert fault in str(caught.value)
