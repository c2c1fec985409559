"""``derm data ingest``."""

from __future__ import annotations

import shutil

import pytest

from tests.support import awkward_photographs
from tests.support.cropping import OPTIONS, RULE, make_dermofit


@pytest.fixture(scope="module")
def dermofit(place_in, tmp_path_factory):
    place = place_in(tmp_path_factory.mktemp("dermofit"))
    make_dermofit(place.data / "dermofit", place.root / "awkward")
    return place


def test_ingest_says_what_was_decoded_found_and_dropped(place, dermofit):
    shutil.copytree(dermofit.data, place.data)
    broken = next(path for path in sorted(place.data.rglob("*5.png")))
    broken.write_text("no image")
    arguments = ("data", "ingest", "dermofit", "--size", "32", *OPTIONS)
    said = place.json(*arguments)
    assert (said["photographs"], said["dropped"], said["reasons"]) == (59, 1, {"not an image": 1})
    assert (said["decoded"], said["reused"], said["decoded_now"]) == (60, 0, True)
    assert said["uncropped"] == {"it has no mask": 10}
    assert said["preprocessing"] == RULE.to_json() | {"sha256": RULE.fingerprint()}
    assert (said["verified"], said["damaged"]) == (False, None)
    text = place.derm(*arguments).stdout
    assert text.startswith("dermofit: 59 photographs found in the cache, 32x32, letterbox, area, cropped to the lesion")
    assert "dropped     not an image" in text
    assert "used whole  it has no mask" in text
    shutil.copy(awkward_photographs.make_photographs(place.root / "more")[0], broken)
    text = place.derm(*arguments)
    assert text.stdout.startswith("dermofit: 60 photographs packed (1 decoded now, 59 decoded before)")
    assert (
        "Warning: 11 of 60 photographs of dataset 'dermofit' are used whole, not cropped to the lesion: it has no mask "
        "(10), its mask: 48x48, but the photograph has 120x90 (1)."
    ) in text.stderr


def test_ingest_verifies(place, dermofit):
    shutil.copytree(dermofit.data, place.data)
    arguments = ("data", "ingest", "dermofit", "--size", "32")
    assert place.json(*arguments, "--verify")["damaged"] == 0
    assert "Verified: none was damaged" in place.derm(*arguments, "--verify").stdout
    (packed,) = (place.root / "cache" / "packs").glob("*.npy")
    content = bytearray(packed.read_bytes())
    content[-1] ^= 255
    packed.write_bytes(content)
    result = place.derm(*arguments, "--verify")
    assert "Warning: 1 of the 60 photographs packed of dermofit are damaged: they are decoded again" in result.stderr
    assert "Verified: 1 was damaged and is decoded anew" in result.stdout
    assert place.json(*arguments, "--verify")["damaged"] == 0


def test_a_half_written_pack_is_listed_and_can_be_removed(place, dermofit, monkeypatch):
    from derm_cli.data.packing import decoding

    shutil.copytree(dermofit.data, place.data)
    read, numbers = decoding.open_photograph, iter(range(1000))

    def stopping(path, content):
        if next(numbers) == 20:
            raise KeyboardInterrupt
        return read(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(decoding, "open_photograph", stopping)
        result = place.derm("data", "ingest", "dermofit", "--size", "32", exit_status=1)
    assert "photographs of dermofit are packed: the same command goes on there" in result.stderr
    (entry,) = place.json("cache")["entries"]
    assert 0 < entry["packed"] <= 20
    assert f"{entry['packed']} of 60 photographs of 32×32" in place.derm("cache").stdout
    assert place.derm("cache", "clean", "--yes").stdout == "There is nothing to remove.\n"
    said = place.json("data", "ingest", "dermofit", "--size", "32")
    assert said["reused"] >= entry["packed"]
    assert said["decoded"] == 60 - said["reused"] > 0
    place.derm("cache", "clean", "--all", "--yes")
    assert place.json("cache")["entries"] == []


def test_a_crop_margin_has_its_bounds(place):
    arguments = ("data", "ingest", "dermofit", "--size", "32", "--crop", "lesion", "--crop-margin")
    assert "2.5 is not in the range 0<=x<=2" in place.refused(*arguments, "2.5", exit_status=2)
