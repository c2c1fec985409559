"""What strangers' archives may cost: nothing is inflated before its size is known."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
import zlib

import pytest

from derm_cli.errors import DermError
from mobile_export.artefact.archive import MOST_ENTRIES, append_facts, read_facts
from mobile_export.artefact.checks import MOST_TEXT
from tests.support.artefact_files import put_together

HUGE = 200_000_000


@pytest.fixture
def path(tmp_path, facts):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"network")
    append_facts(path, facts)
    return path


def test_the_same_facts_give_the_same_bytes_without_a_time(path, facts, tmp_path):
    again = tmp_path / "again.tflite"
    again.write_bytes(b"network")
    append_facts(again, facts)
    assert again.read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert read_facts(path).facts == facts


def a_bomb(path):
    """Facts of zeros, a thousandth as large as what they are packed from."""
    return put_together(path, b"network", {"derm.json": bytes(HUGE), "labels.txt": b""}, packed=("derm.json",))


def a_bomb_that_lies(path):
    """The same, whose directory says that it has ten bytes."""
    content = bytearray(a_bomb(path).read_bytes())
    start = content.rindex(b"PK\1\2", 0, content.rindex(b"labels.txt") - 46)
    content[start + 24 : start + 28] = struct.pack("<L", 10)
    path.write_bytes(content)
    return path


def one_of_another_packing(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("derm.json", bytes(HUGE))
    return path


def many_entries(path):
    return put_together(path, b"", {str(number): b"" for number in range(MOST_ENTRIES + 1)})


def a_directory_of_megabytes(path):
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60):
            entry = zipfile.ZipInfo(str(number))
            entry.comment = b"x" * 60_000
            archive.writestr(entry, b"")
    return path


def a_directory_that_is_told_elsewhere(path):
    """The locator of a larger directory (Zip64), which zipfile would believe."""
    content = put_together(path, b"", {"derm.json": b""}).read_bytes()
    path.write_bytes(content[:-22] + struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1) + content[-22:])
    return path


def entries_before_the_file(path):
    """A directory that is told to begin so late that its entries begin before the file does."""
    content = bytearray(put_together(path, b"network", {"derm.json": b"{}", "labels.txt": b""}).read_bytes())
    content[-6:-2] = struct.pack("<L", 1 << 30)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "make",
    [
        a_bomb,
        a_bomb_that_lies,
        one_of_another_packing,
        many_entries,
        a_directory_of_megabytes,
        a_directory_that_is_told_elsewhere,
        entries_before_the_file,
    ],
)
def test_a_stranger_s_archive_is_refused_before_it_takes_memory(make, tmp_path):
    path = make(tmp_path / "model.tflite")
    tracemalloc.start()
    with pytest.raises(DermError, match="no artefact that derm wrote"):
        read_facts(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * MOST_TEXT


def test_a_text_as_large_as_it_may_be_is_no_damage(tmp_path):
    path = put_together(tmp_path / "x", b"", {"derm.json": b" " * MOST_TEXT, "labels.txt": b""})
    with pytest.raises(DermError, match="does not carry derm's facts"):
        read_facts(path)


def test_a_packed_text_is_read_to_its_end(tmp_path, facts):
    text = facts.to_json().encode()
    assert len(zlib.compress(text)) < len(text)
    entries = {"derm.json": text, "labels.txt": "NEV\nMEL\né\n".encode()}
    carried = read_facts(put_together(tmp_path / "x", b"", entries, packed=tuple(entries)))
    assert (carried.facts, carried.is_sealed) == (facts, False)
