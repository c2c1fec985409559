import gzip
import io
import random
import stat
import struct
import tarfile
import zipfile

import pytest

from derm_cli.data.downloading import archives
from derm_cli.data.downloading.archives import unpack
from derm_cli.errors import DermError

PHOTOGRAPH = random.Random(3).randbytes(5000)


def zipped(path, *members, **told):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            for field, value in told.items():
                setattr(info, field, value)
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def tarred(path, *members):
    with tarfile.open(path, "w:gz") as archive:
        for named, content in members:
            info = tarfile.TarInfo(named) if isinstance(named, str) else named
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def member(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.fixture
def out(tmp_path):
    """The folder to unpack into, in one that must stay empty beside it."""
    (tmp_path / "room").mkdir()
    return tmp_path / "room" / "out"


def refused(archive, out):
    before = sorted(archive.parent.rglob("*"))
    with pytest.raises(DermError) as caught:
        unpack(archive, out)
    after = sorted(path for path in archive.parent.rglob("*") if out not in (path, *path.parents))
    assert after == before
    assert not any(path.is_symlink() for path in out.rglob("*"))
    message = str(caught.value)
    assert f"'{archive.name}'" in message
    return message


def test_zip_and_tar_are_unpacked(tmp_path, out):
    archive = zipped(tmp_path / "a.zip", ("a/", b""), ("a/1.png", PHOTOGRAPH), ("b.csv", b""))
    assert unpack(archive, out) == 2
    assert (out / "a" / "1.png").read_bytes() == PHOTOGRAPH
    assert (out / "b.csv").read_bytes() == b""
    packed = tarred(
        tmp_path / "a.tar.gz", (member(".", tarfile.DIRTYPE), b""), ("./a/1.png", PHOTOGRAPH), ("b.csv", b"x")
    )
    assert unpack(packed, out.with_name("tar")) == 2
    assert (out.with_name("tar") / "a" / "1.png").read_bytes() == PHOTOGRAPH


OUTSIDE = (
    *(
        "../x",
        "a/../../x",
        "",
        "/x",
        "/etc/x",
        "a/./x",
        "./../x",
        "a//x",
        "..",
        "C:/x",
        "C:x",
        "\\x",
        "..\\x",
        "a\\..\\..\\x",
    ),
    *("a\0b", "a\nb", "a:stream", "x" * 256, "é" * 200),
)


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_path_that_leaves_the_folder_is_refused(tmp_path, out, name):
    # Python's own writer cuts a name at a zero byte.
    archive = zipped(tmp_path / "a.zip", ("good", b"1"), (name.replace("\0", "\1"), b"2"))
    archive.write_bytes(archive.read_bytes().replace(b"a\1b", b"a\0b"))
    assert "leaves its folder" in refused(archive, out)
    assert not list(out.rglob("*"))
    if "\0" not in name and name not in ("./../x", ".."):
        message = refused(tarred(tmp_path / "a.tar.gz", ("good", b"1"), (name, b"2")), out)
        assert "leaves its folder" in message
        assert not list(out.rglob("*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
@pytest.mark.parametrize("target", ["/etc/passwd", "..", "good"])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, out, kind, target):
    archive = tarred(tmp_path / "a.tar.gz", ("good", b"1"), (member("link", kind, target), b""), ("link/x", b"2"))
    assert "'link', which is neither a file nor a folder" in refused(archive, out)
    assert not list(out.rglob("*"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, out, kind):
    archive = zipped(tmp_path / "a.zip", ("link", b"/etc/passwd"), external_attr=(kind | 0o777) << 16)
    assert "'link', which is neither a file nor a folder" in refused(archive, out)


@pytest.mark.parametrize(
    "names",
    [("a", "a"), ("a", "A"), ("x/é", "x/e\u0301"), ("a", "a/b"), ("a/b", "a"), ("a/b", "A/c"), ("straße", "STRASSE")],
)
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_names_that_overwrite_each_other_are_refused(tmp_path, out, names):
    message = refused(zipped(tmp_path / "a.zip", *((name, b"1") for name in names)), out)
    assert "another case" in message
    assert "another case" in refused(tarred(tmp_path / "a.tar.gz", *((name, b"1") for name in names)), out)
    assert not list(out.rglob("*"))


def test_bombs_are_refused_before_anything_is_written(tmp_path, out, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 2**20)
    zeros = bytes(30 * 2**20)
    assert "unpacks to more than" in refused(zipped(tmp_path / "a.zip", ("a", zeros)), out)
    assert "unpacks to more than" in refused(tarred(tmp_path / "a.tar.gz", ("a", zeros)), out)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 10)
    assert "more than 10 files" in refused(zipped(tmp_path / "b.zip", *((str(n), b"") for n in range(11))), out)
    assert not list(out.rglob("*"))


def test_a_zip_that_lies_about_sizes_is_refused(tmp_path, out):
    archive = zipped(tmp_path / "a.zip", ("a", bytes(2 * 2**20)))
    content = bytearray(archive.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    archive.write_bytes(content)
    message = refused(archive, out)
    assert "damaged" in message or "than it tells" in message
    assert all(path.stat().st_size <= 10 for path in out.rglob("*") if path.is_file())


def test_members_that_overlap_are_refused(tmp_path, out):
    """As in a bomb of the kind that Fifield described in 2019: many members in the directory, one in the file."""
    archive = zipped(tmp_path / "a.zip", ("a", PHOTOGRAPH), ("b", PHOTOGRAPH))
    content = bytearray(archive.read_bytes())
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    content[second + 42 : second + 46] = struct.pack("<I", 0)
    archive.write_bytes(content)
    assert "damaged" in refused(archive, out)


def test_an_encrypted_archive_is_refused(tmp_path, out):
    archive = zipped(tmp_path / "a.zip", ("a", PHOTOGRAPH))
    content = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    archive.write_bytes(content)
    assert "is encrypted ('a')" in refused(archive, out)


@pytest.mark.parametrize("content", [b"", b"<html>log in</html>", b"PK\x03\x04", b"\x1f\x8b\x08\x00", bytes(100)])
def test_what_is_no_archive_is_refused(tmp_path, out, content):
    archive = tmp_path / "a.zip"
    archive.write_bytes(content)
    assert "is damaged or is none" in refused(archive, out)


def test_an_unknown_compression_is_refused(tmp_path, out):
    archive = zipped(tmp_path / "a.zip", ("a", PHOTOGRAPH))
    content = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.index(mark) + place
        content[at : at + 2] = struct.pack("<H", 99)
    archive.write_bytes(content)
    assert "cannot be read" in refused(archive, out)


@pytest.mark.parametrize("make", [zipped, tarred])
def test_damage_anywhere_gives_a_sentence_or_the_very_files(tmp_path, out, make):
    """Seeded: 300 copies with a byte changed or an end cut off."""
    members = [(f"{number}.png", random.Random(number).randbytes(300)) for number in range(3)]
    good = make(tmp_path / "good", *members).read_bytes()
    chance = random.Random(11)
    archive, refusals = tmp_path / "room" / "a", 0
    for turn in range(300):
        content = bytearray(good)
        place = chance.randrange(len(content))
        if turn % 3:
            content[place] ^= 1 << chance.randrange(8)
        else:
            del content[place:]
        archive.write_bytes(content)
        folder = out.with_name(f"out{turn}")
        try:
            unpack(archive, folder)
        except DermError:
            refusals += 1
            continue
        for name, content in members:
            # A bit of a name, or of what nobody reads, may be another one; a photograph may not.
            found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
            assert content in found or not (folder / name).exists()
    assert {path.parent for path in tmp_path.iterdir()} == {tmp_path}
    assert {path.name for path in tmp_path.iterdir()} == {"room", "good"}
    assert refusals > 200


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGLINK])
def test_a_header_of_a_gigabyte_is_refused(tmp_path, out, kind):
    """tarfile would read all of it into memory."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = kind, 2**30
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(2**21)))
    assert "no header has" in refused(tmp_path / "a.tar.gz", out)


def test_a_tar_that_never_ends_is_refused(tmp_path, out, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 2**20)
    content = gzip.decompress(tarred(tmp_path / "b", ("a", b"1")).read_bytes()) + bytes(50 * 2**20)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(content))
    assert "goes on behind its last file" in refused(tmp_path / "a.tar.gz", out)


@pytest.mark.parametrize("form", ["w", "w:gz", "w:bz2", "w:xz"])
def test_every_compression_of_a_tar_is_read(tmp_path, out, form):
    with tarfile.open(tmp_path / "a", form) as archive:
        info = tarfile.TarInfo("x/" + "y" * 150)
        info.size = len(PHOTOGRAPH)
        archive.addfile(info, io.BytesIO(PHOTOGRAPH))
    assert unpack(tmp_path / "a", out) == 1
    assert (out / "x" / ("y" * 150)).read_bytes() == PHOTOGRAPH


def test_a_cut_gzip_is_refused(tmp_path, out):
    packed = gzip.compress(tarred(tmp_path / "b", ("a", PHOTOGRAPH)).read_bytes())
    (tmp_path / "a.tar.gz").write_bytes(packed[:-20])
    assert "damaged" in refused(tmp_path / "a.tar.gz", out)


def test_a_disk_without_room_is_told_with_numbers(tmp_path, out, monkeypatch):
    from derm_cli.data.downloading import space

    monkeypatch.setattr(space, "free_bytes", lambda folder: 100_000_100)
    with pytest.raises(DermError, match=r"Unpacking 'a.zip' needs 5.0 kB .* 100.0 MB are free"):
        unpack(zipped(tmp_path / "a.zip", ("a", PHOTOGRAPH)), out)
