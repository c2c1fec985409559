import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from derm_cli.data import parallel
from derm_cli.data.packing import decoding
from derm_cli.data.packing import files as of_files
from derm_cli.data.packing import pack as packing
from derm_cli.data.packing.pack import pack
from derm_cli.data.preprocessing import RefusedPhotograph, read_photograph
from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing

RULE = Preprocessing(size=32)
CROPPED = Preprocessing(size=32, crop="lesion")


def draw(folder, count, side=40):
    random = np.random.default_rng(0)
    folder.mkdir()
    paths = [folder / f"{number}.png" for number in range(count)]
    for path in paths:
        Image.fromarray(random.integers(0, 255, (side, side, 3), dtype=np.uint8)).save(path)
    return paths


@pytest.fixture
def files(tmp_path):
    return draw(tmp_path / "photos", 5)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def left(cache):
    """What lies in the cache, by what follows the key in its name."""
    return sorted(path.name.partition(".")[2] for path in (cache / "packs").iterdir())


def one(cache, ending):
    (path,) = (cache / "packs").glob(f"*{ending}")
    return path


@pytest.fixture
def decodings(monkeypatch):
    """The files that are decoded from here on."""
    decoded = []
    read = decoding.opened

    def noting(path, content):
        decoded.append(path)
        return read(path, content)

    monkeypatch.setattr(decoding, "opened", noting)
    return decoded


def stop_at(monkeypatch, path, error):
    read = decoding.opened

    def stopping(each, content):
        if each == path:
            raise error
        return read(each, content)

    monkeypatch.setattr(decoding, "opened", stopping)


def test_packed_photographs_are_those_of_the_files(files, cache):
    packed = pack(files, RULE, cache, "made")
    assert packed.fresh
    assert (packed.unreadable, packed.uncropped, packed.decoded, packed.reused) == ({}, {}, 5, 0)
    for row, path in enumerate(files):
        np.testing.assert_array_equal(packed.photographs[row], read_photograph(path, RULE))
    assert packed.contents == tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)
    assert not packed.photographs.flags.writeable


def test_one_decoding_gives_facts_too_and_they_are_found_again(files, cache, decodings):
    first = pack(files, RULE, cache, "made")
    assert sorted(decodings) == sorted(files)
    assert [(each.format, each.width, each.height) for each in first.facts] == [("PNG", 40, 40)] * 5
    assert pack(files, RULE, cache, "made").facts == first.facts


def test_nothing_is_decoded_twice(files, cache, decodings):
    first = pack(files, RULE, cache, "made")
    decodings.clear()
    again = pack(files, RULE, cache, "made")
    assert decodings == []
    assert (again.fresh, again.decoded, again.reused) == (False, 0, 0)
    np.testing.assert_array_equal(first.photographs, again.photographs)


def test_no_photograph_is_a_pack_too(cache):
    for fresh in (True, False):
        packed = pack([], RULE, cache, "made")
        assert (packed.fresh, packed.contents, packed.photographs.shape) == (fresh, (), (1, 32, 32, 3))


def test_a_hit_is_noted_as_the_pack_s_last_use(files, cache):
    pack(files, RULE, cache, "made")
    notes = one(cache, ".jsonl")
    written = notes.read_text()
    os.utime(notes, (1, 1))
    pack(files, RULE, cache, "made")
    assert time.time() - notes.stat().st_mtime < 60
    assert notes.read_text() == written


def test_a_pack_that_others_own_is_used_all_the_same(files, cache, monkeypatch):
    pack(files, RULE, cache, "made")

    def refuse(*_, **__):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(type(cache), "touch", refuse)
    monkeypatch.setattr(packing, "FileLock", refuse)
    assert not pack(files, RULE, cache, "made").fresh
    with pytest.raises(DermError, match=r"cannot be written .Operation not permitted.*--cache"):
        pack(files[:1], RULE, cache, "made")


def test_a_pack_that_is_in_use_can_be_removed(files, cache):
    packed = pack(files, RULE, cache, "made")
    for path in (cache / "packs").iterdir():
        path.unlink()
    np.testing.assert_array_equal(packed.photographs[4], read_photograph(files[4], RULE))
    assert pack(files, RULE, cache, "made").fresh


def test_a_renamed_file_is_found_and_a_changed_one_is_decoded_anew(files, cache, decodings):
    pack(files, RULE, cache, "made")
    moved = files[0].rename(files[0].with_name("moved.png"))
    assert not pack([moved, *files[1:]], RULE, cache, "made").fresh
    Image.new("RGB", (40, 40), "red").save(moved)
    decodings.clear()
    changed = pack([moved, *files[1:]], RULE, cache, "made")
    assert (changed.fresh, changed.decoded, changed.reused, decodings) == (True, 1, 4, [moved])
    assert (changed.photographs[0] == [255, 0, 0]).all()


def test_of_a_larger_set_only_what_is_new_is_decoded(files, cache, decodings):
    pack(files[:4], RULE, cache, "made")
    decodings.clear()
    packed = pack([files[4], *reversed(files[:4])], RULE, cache, "made")
    assert (decodings, packed.reused) == ([files[4]], 4)
    for row, path in enumerate([files[4], *reversed(files[:4])]):
        np.testing.assert_array_equal(packed.photographs[row], read_photograph(path, RULE))
    assert [each.width for each in packed.facts] == [40] * 5


@pytest.mark.parametrize(
    "other",
    [
        Preprocessing(size=33),
        Preprocessing(size=32, resize="crop"),
        Preprocessing(size=32, interpolation="area"),
        Preprocessing(size=32, profile="ignored"),
        Preprocessing(size=32, constancy="shades-of-grey"),
        CROPPED,
    ],
)
def test_another_preprocessing_is_another_pack(files, cache, other):
    pack(files, RULE, cache, "made")
    packed = pack(files, other, cache, "made")
    assert (packed.fresh, packed.reused) == (True, 0)


def test_unreadable_files_are_told_by_row_also_from_the_cache(files, cache):
    files[1].write_text("no image")
    files[3].unlink()
    for _ in range(2):
        packed = pack(files, RULE, cache, "made")
        assert packed.unreadable == {1: "not an image", 3: "the file is not there"}
        assert [each is None for each in packed.facts] == [False, True, False, True, False]
        assert not packed.photographs[[1, 3]].any()


def test_what_could_not_be_read_once_is_read_once_it_can_be(files, cache):
    content = files[3].read_bytes()
    files[3].unlink()
    pack(files, RULE, cache, "made")
    files[3].write_bytes(content)
    packed = pack(files, RULE, cache, "made")
    assert (packed.unreadable, packed.decoded, packed.reused) == ({}, 1, 4)


# Masks.


@pytest.fixture
def masks(files):
    found = [path.with_name(f"{path.stem}mask.png") for path in files]
    for place, path in enumerate(found):
        mask = np.zeros((40, 40), np.uint8)
        mask[10 : 20 + place, 5:15] = 255
        Image.fromarray(mask).save(path)
    return found


def test_photographs_are_cropped_by_their_masks(files, masks, cache):
    packed = pack(files, CROPPED, cache, "made", masks)
    assert packed.uncropped == {}
    assert packed.masks == tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in masks)
    whole = pack(files, RULE, cache, "made", masks)
    assert whole.masks == (None,) * 5
    for row, (path, mask) in enumerate(zip(files, masks, strict=True)):
        np.testing.assert_array_equal(packed.photographs[row], read_photograph(path, CROPPED, mask))
        assert (packed.photographs[row] != whole.photographs[row]).any()


def test_without_a_mask_that_is_good_a_photograph_is_whole_and_it_is_told(files, masks, cache):
    masks[0].unlink()
    Image.new("L", (40, 40)).save(masks[1])
    Image.new("L", (41, 40), 255).save(masks[2])
    masks[3].write_text("no image")
    told = {
        0: "its mask: the file is not there",
        1: "its mask: empty",
        2: "its mask: 41x40, but the photograph has 40x40",
        3: "its mask: not an image",
        4: "it has no mask",
    }
    for _ in range(2):
        packed = pack(files, CROPPED, cache, "made", [*masks[:4], None])
        assert packed.uncropped == told
        np.testing.assert_array_equal(packed.photographs, pack(files, RULE, cache, "made").photographs)


def test_a_changed_mask_decodes_its_photograph_anew(files, masks, cache):
    pack(files, CROPPED, cache, "made", masks)
    Image.new("L", (40, 40), 255).save(masks[2])
    packed = pack(files, CROPPED, cache, "made", masks)
    assert (packed.decoded, packed.reused) == (1, 4)
    np.testing.assert_array_equal(packed.photographs[2], read_photograph(files[2], RULE))


# Interrupted, and gone on with.


def test_a_packing_that_stops_is_gone_on_with_and_not_taken_for_whole(files, cache, monkeypatch, decodings):
    with monkeypatch.context() as patched:
        stop_at(patched, files[3], ValueError("stopped"))
        with pytest.raises(ValueError, match="stopped"):
            pack(files, RULE, cache, "made")
    assert left(cache) == ["half.jsonl", "half.npy", "lock"]
    decodings.clear()
    packed = pack(files, RULE, cache, "made")
    assert (sorted(decodings), packed.reused, packed.decoded) == (files[3:], 3, 2)
    assert left(cache) == ["jsonl", "lock", "npy"]
    for row, path in enumerate(files):
        np.testing.assert_array_equal(packed.photographs[row], read_photograph(path, RULE))


def test_what_was_packed_before_an_interruption_is_used_for_another_set_too(files, cache, monkeypatch, decodings):
    with monkeypatch.context() as patched:
        stop_at(patched, files[3], ValueError("stopped"))
        with pytest.raises(ValueError, match="stopped"):
            pack(files, RULE, cache, "made")
    decodings.clear()
    packed = pack([files[4], *files[:4]], RULE, cache, "made")
    assert (sorted(decodings), packed.reused) == (files[3:], 3)
    assert left(cache) == ["jsonl", "lock", "lock", "npy"], "what was half written is in the new pack whole"


def test_ctrl_c_says_how_far_it_came(files, cache, monkeypatch, capsys):
    stop_at(monkeypatch, files[2], KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        pack(files, RULE, cache, "made")
    assert "2 of 5 photographs of made are packed: the same command goes on there." in capsys.readouterr().err


PACKING = """
import sys
from pathlib import Path
from derm_cli.data.packing import files
from derm_cli.data.packing.pack import pack
from derm_cli.plan import Preprocessing

files.ROWS = 4
photographs = sorted(Path(sys.argv[1]).iterdir(), key=lambda path: int(path.stem))
packed = pack(photographs, Preprocessing(size=32), Path(sys.argv[2]), "made")
print(packed.decoded, packed.reused)
"""


def in_a_process(*arguments):
    return subprocess.Popen(
        [sys.executable, "-c", PACKING, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.timeout(300)
def test_a_packing_that_is_killed_again_and_again_ends_as_one_that_is_not(tmp_path, cache):
    """Killed by SIGKILL wherever it is, four times; each goes on where the one before had written."""
    photographs = draw(tmp_path / "photographs", 60, side=900)
    kept = [0]
    while len(kept) < 5:
        with in_a_process(tmp_path / "photographs", cache) as process:
            until = time.monotonic() + 60
            while rows_noted(cache) <= kept[-1] and process.poll() is None and time.monotonic() < until:
                time.sleep(0.001)
            assert process.poll() is None, "it was done before it was killed"
            process.send_signal(signal.SIGKILL)
            process.communicate()
        kept.append(rows_noted(cache))
        assert left(cache) == ["half.jsonl", "half.npy", "lock"]
    assert 0 < kept[1] < kept[2] < kept[3] < kept[4] < 60
    with in_a_process(tmp_path / "photographs", cache) as process:
        said, _ = process.communicate()
    assert said.split() == [str(60 - kept[4]), str(kept[4])]
    again = pack(photographs, RULE, cache, "made", verify=True)
    plain = pack(photographs, RULE, tmp_path / "another", "made")
    assert (again.fresh, again.damaged) == (False, 0)
    np.testing.assert_array_equal(again.photographs, plain.photographs)
    assert (again.contents, again.facts) == (plain.contents, plain.facts)
    assert one(cache, ".npy").read_bytes() == one(tmp_path / "another", ".npy").read_bytes()
    assert one(cache, ".jsonl").read_bytes() == one(tmp_path / "another", ".jsonl").read_bytes()


def rows_noted(cache):
    try:
        return one(cache, ".half.jsonl").read_bytes().count(b"\n") - 1
    except (ValueError, FileNotFoundError):
        return 0


def test_of_two_processes_the_second_waits_and_finds(tmp_path, cache):
    draw(tmp_path / "photographs", 40, side=400)
    with (
        in_a_process(tmp_path / "photographs", cache) as first,
        in_a_process(tmp_path / "photographs", cache) as second,
    ):
        said = sorted(each.communicate()[0].strip() for each in (first, second))
    assert said == ["0 0", "40 0"]


def test_it_is_said_that_another_is_waited_for(files, cache, capsys):
    pack(files, RULE, cache, "made")
    lock = one(cache, ".lock")
    one(cache, ".jsonl").unlink()
    is_held = threading.Event()

    def hold():
        with FileLock(lock):
            is_held.set()
            time.sleep(0.3)

    holder = threading.Thread(target=hold)
    holder.start()
    is_held.wait()
    assert pack(files, RULE, cache, "made").fresh
    assert "another process packs made: waiting for it" in capsys.readouterr().err
    holder.join()


@pytest.mark.parametrize("at", ["photographs", "notes"])
def test_a_kill_between_the_two_renamings_costs_nothing(files, cache, monkeypatch, decodings, at):
    replace = type(cache).replace

    def stopping(self, target):
        if target.name.endswith({"photographs": ".npy", "notes": ".jsonl"}[at]):
            raise SystemExit
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(type(cache), "replace", stopping)
        with pytest.raises(SystemExit):
            pack(files, RULE, cache, "made")
    decodings.clear()
    packed = pack(files, RULE, cache, "made")
    assert (decodings, packed.reused) == ([], 5)
    np.testing.assert_array_equal(packed.photographs[4], read_photograph(files[4], RULE))
    assert left(cache) == ["jsonl", "lock", "npy"]


@pytest.mark.parametrize("damage", ["torn", "zeros", "nothing"])
def test_a_journal_that_a_power_cut_left_is_used_as_far_as_it_is_whole(files, cache, monkeypatch, decodings, damage):
    with monkeypatch.context() as patched:
        stop_at(patched, files[4], ValueError("stopped"))
        with pytest.raises(ValueError, match="stopped"):
            pack(files, RULE, cache, "made")
    journal = one(cache, ".half.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == 5
    broken = {"torn": lines[3][:30], "zeros": bytes(40) + b"\n" + lines[4], "nothing": b""}[damage]
    journal.write_bytes(b"".join(lines[:3]) + broken)
    decodings.clear()
    packed = pack(files, RULE, cache, "made")
    assert (sorted(decodings), packed.reused) == (files[2:], 2)
    assert not pack(files, RULE, cache, "made", verify=True).fresh


def test_rows_that_are_not_what_the_journal_says_are_decoded_again(files, cache, monkeypatch, decodings):
    with monkeypatch.context() as patched:
        stop_at(patched, files[4], ValueError("stopped"))
        with pytest.raises(ValueError, match="stopped"):
            pack(files, RULE, cache, "made")
    half = one(cache, ".half.npy")
    content = bytearray(half.read_bytes())
    content[-(2 * 32 * 32 * 3) + 7] ^= 1
    half.write_bytes(content)
    decodings.clear()
    packed = pack(files, RULE, cache, "made")
    assert (sorted(decodings), packed.reused) == (files[2:], 2)
    np.testing.assert_array_equal(packed.photographs[2], read_photograph(files[2], RULE))


# Full, failing and damaged disks.


def test_a_full_disk_is_said_and_gone_on_from(files, cache, monkeypatch):
    append = of_files.Writer.append

    def full(self, row, pixels):
        if len(self._pending) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(self, row, pixels)

    with monkeypatch.context() as patched:
        patched.setattr(of_files.Writer, "append", full)
        with pytest.raises(DermError, match=r"^No space is left in '.*'; 3 of 5 photographs of made are packed: free"):
            pack(files, RULE, cache, "made")
    packed = pack(files, RULE, cache, "made")
    assert (packed.decoded, packed.reused) == (2, 3)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is always full")
def test_a_disk_that_is_really_full(files, cache, monkeypatch):
    """Where /dev/full stands for the photographs, each flush is refused by the system itself."""
    opened = type(cache).open

    def on_a_full_disk(self, *arguments, **options):
        return opened(type(cache)("/dev/full") if self.name.endswith(".half.npy") else self, *arguments, **options)

    monkeypatch.setattr(type(cache), "open", on_a_full_disk)
    with pytest.raises(DermError, match=r"No space is left.* 0 of 5 photographs of made are packed"):
        pack(files, RULE, cache, "made")


def test_room_is_looked_for_before_anything_is_decoded(files, cache, monkeypatch, decodings):
    usage = namedtuple("usage", "total used free")(10**12, 0, packing.ROOM + 5 * 32 * 32 * 3 - 1)
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DermError, match=r"Packing made takes 0\.0 GB more in .* GB are free: .*derm cache clean"):
        pack(files, RULE, cache, "made")
    assert decodings == []
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: usage._replace(free=usage.free + 1))
    assert pack(files, RULE, cache, "made").fresh


def test_a_file_that_fails_meanwhile_is_an_error_and_no_fact_about_its_contents(files, cache, monkeypatch):
    with monkeypatch.context() as patched:
        stop_at(patched, files[2], RefusedPhotograph("it cannot be read (Input/output error)"))
        with pytest.raises(DermError, match=r"2.png' could not be decoded .it cannot be read .Input/output error"):
            pack(files, RULE, cache, "made")
    assert pack(files, RULE, cache, "made").unreadable == {}


def test_a_file_that_changes_meanwhile_is_an_error(files, cache, monkeypatch):
    content = packing._content

    def changing(path):
        found = content(path)
        if path == files[1]:
            Image.new("RGB", (40, 40), "red").save(path)
        return found

    monkeypatch.setattr(packing, "_content", changing)
    with pytest.raises(DermError, match=r"1\.png' could not be decoded .it changed while it was read"):
        pack(files, RULE, cache, "made")


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_verification_finds_a_flipped_bit_and_decodes_that_photograph_anew(files, cache, decodings, capsys):
    pack(files, RULE, cache, "made")
    expected = one(cache, ".npy").read_bytes()
    assert pack(files, RULE, cache, "made", verify=True).damaged == 0
    flip(one(cache, ".npy"), -5)
    assert not pack(files, RULE, cache, "made").fresh, "a look does not read every pixel"
    decodings.clear()
    packed = pack(files, RULE, cache, "made", verify=True)
    assert (packed.fresh, packed.damaged, packed.reused, decodings) == (True, 1, 4, [files[4]])
    assert "1 of the 5 photographs packed of made are damaged: they are decoded again" in capsys.readouterr().err
    assert one(cache, ".npy").read_bytes() == expected
    assert pack(files, RULE, cache, "made", verify=True).damaged == 0


def test_a_damaged_row_is_not_taken_over_into_another_pack(files, cache, decodings):
    pack(files[:4], RULE, cache, "made")
    flip(one(cache, ".npy"), -5)
    decodings.clear()
    packed = pack(files, RULE, cache, "made")
    assert sorted(decodings) == files[3:]
    np.testing.assert_array_equal(packed.photographs[3], read_photograph(files[3], RULE))


@pytest.mark.parametrize(
    "damage",
    [
        lambda npy, _: npy.write_bytes(npy.read_bytes()[:-1]),
        lambda npy, _: npy.write_bytes(npy.read_bytes() + b"0"),
        lambda npy, _: npy.write_bytes(b""),
        lambda npy, _: npy.write_bytes(b"no array"),
        lambda npy, _: npy.unlink(),
        lambda npy, _: np.save(npy, np.zeros((4, 32, 32, 3), np.uint8)),
        lambda npy, _: np.save(npy, np.zeros((5, 32, 32, 3), np.int8)),
        lambda _, notes: notes.write_bytes(b""),
        lambda _, notes: notes.write_bytes(b"[]\n"),
        lambda _, notes: notes.write_bytes(notes.read_bytes()[:-1]),
        lambda _, notes: notes.write_bytes(notes.read_bytes() + b"{}\n"),
        lambda _, notes: flip(notes, 200),
        lambda _, notes: flip(notes, -20),
    ],
)
def test_a_damaged_pack_is_made_anew_with_a_warning(files, cache, capsys, damage):
    pack(files, RULE, cache, "made")
    damage(one(cache, ".npy"), one(cache, ".jsonl"))
    packed = pack(files, RULE, cache, "made")
    assert packed.fresh
    assert capsys.readouterr().err.count("the packed photographs of made are damaged") == 1
    for row, path in enumerate(files):
        np.testing.assert_array_equal(packed.photographs[row], read_photograph(path, RULE))
    assert not pack(files, RULE, cache, "made", verify=True).fresh
    assert capsys.readouterr().err == ""


def test_a_pack_of_facts_that_have_other_fields_is_not_used(files, cache, monkeypatch):
    pack(files, RULE, cache, "made")
    fields = packing.fields
    monkeypatch.setattr(packing, "fields", lambda of: (*fields(of), namedtuple("field", "name")("more")))
    packed = pack(files, RULE, cache, "made")
    assert (packed.fresh, packed.reused) == (True, 0)


# What a pack tells nobody.


def test_no_metadata_reaches_the_cache(tmp_path, cache):
    exif = Image.Exif()
    exif[0x010E] = "patient Ada Lovelace"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 28.0, 38.25)
    path = tmp_path / "a.jpg"
    Image.new("RGB", (40, 40)).save(path, exif=exif, comment=b"seen by Dr Babbage")
    assert b"Lovelace" in path.read_bytes()
    pack([path], RULE, cache, "made")
    for file in (cache / "packs").iterdir():
        content = file.read_bytes().lower()
        assert not any(word in content for word in (b"lovelace", b"babbage", b"38.25"))


def test_threads_come_to_an_end_where_one_of_them_fails():
    def fail(number):
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        list(parallel.on_all_cores(fail, range(100), "made"))


def test_the_notes_are_json_by_line(files, cache):
    pack(files, RULE, cache, "made")
    head, *rows, seal = (json.loads(line) for line in one(cache, ".jsonl").read_text().splitlines())
    assert head["preprocessing"]["size"] == 32
    assert len(rows) == 5
    assert list(seal) == ["seal"]
