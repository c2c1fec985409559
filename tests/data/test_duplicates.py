"""Near duplicates: what is found of altered copies, what is not of different photographs, and how fast."""

import io
import time

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from derm_cli.data.duplicates import THRESHOLD, TURNED_THRESHOLD, clusters, near_duplicates
from derm_cli.data.facts import facts_of
from derm_cli.data.perceptual_hash import perceptual_hash
from tests.support import synthetic_photographs

TURNS = list(Image.Transpose)
EVERY = 12
"""Every so many real photographs are altered."""


def jpeg(quality):
    def alter(image):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        return Image.open(buffer)

    return alter


def resized(width, height):
    return lambda image: image.resize((width, height), Image.Resampling.LANCZOS)


def cropped(share):
    def alter(image):
        width, height = image.size
        across, down = round(width * share), round(height * share)
        return image.crop((across, down, width - across, height - down))

    return alter


def chained(*steps):
    def alter(image):
        for step in steps:
            image = step(image)
        return image

    return alter


ALTERED = {
    "JPEG, quality 90": (jpeg(90), 1.0),
    "JPEG, quality 50": (jpeg(50), 1.0),
    "half the size": (resized(112, 112), 1.0),
    "600 by 450": (resized(600, 450), 1.0),
    "half the size, JPEG 50": (chained(resized(112, 112), jpeg(50)), 1.0),
    "cropped by 1.5 % a side": (cropped(0.015), 0.99),
    "cropped by 2 % a side": (cropped(0.02), 0.9),
    "10 % brighter": (lambda image: ImageEnhance.Brightness(image).enhance(1.1), 1.0),
    "10 % darker": (lambda image: ImageEnhance.Brightness(image).enhance(0.9), 1.0),
    "grey": (lambda image: image.convert("L"), 1.0),
    "mirrored": (ImageOps.mirror, 1.0),
    "turned by 90°": (lambda image: image.transpose(Image.Transpose.ROTATE_90), 1.0),
    "turned by 180°, JPEG 70": (chained(lambda image: image.transpose(Image.Transpose.ROTATE_180), jpeg(70)), 0.99),
}
"""Alterations, and the least share of altered copies that must be found (measured: docs/guides/data-check.md)."""


def hashed(bits):
    return np.packbits(bits).tobytes().hex()


@pytest.fixture(scope="module")
def real(real_data):
    """The real photographs and their fingerprints."""
    paths = sorted(
        path
        for dataset in ("ham10000", "pad-ufes-20")
        for path in (real_data / dataset).rglob("*")
        if path.suffix.lower() in (".png", ".jpg")
    )
    images = [Image.open(path).convert("RGB") for path in paths]
    return paths, images, [facts_of(path, image).fingerprint for path, image in zip(paths, images, strict=True)]


def test_real_photographs_have_the_one_known_pair_and_no_chains(real):
    paths, images, fingerprints = real
    assert len(images) == 2866
    assert all(fingerprints)
    pairs = near_duplicates(fingerprints)
    assert [{paths[row].stem for row in pair} for pair in pairs] == [{"PAT_701_1321_156", "PAT_701_4056_457"}]
    assert np.bincount(clusters(len(paths), pairs)).max() == 2


@pytest.mark.parametrize("alteration", ALTERED)
def test_altered_copies_of_real_photographs_are_found(real, alteration):
    paths, images, fingerprints = real
    alter, least = ALTERED[alteration]
    picked = range(0, len(images), EVERY)
    altered = [facts_of(paths[row], alter(images[row])).fingerprint for row in picked]
    pairs = {tuple(pair) for pair in near_duplicates([*fingerprints, *altered]).tolist()}
    found = sum((row, len(paths) + place) in pairs for place, row in enumerate(picked))
    assert found >= least * len(picked)
    # Nothing else is taken for a copy, but what the one known pair brings.
    others = [pair for pair in pairs if pair[0] < len(paths) <= pair[1] and picked[pair[1] - len(paths)] != pair[0]]
    assert len(others) <= 1


def test_what_is_empty_is_like_nothing():
    one = perceptual_hash(synthetic_photographs.picture(0).convert("L"))
    assert near_duplicates(["", "", one, "", one]).tolist() == [[2, 4]]
    for few in ([], [""], ["", ""], [one]):
        assert near_duplicates(few).shape == (0, 2)


@pytest.mark.parametrize(("bits", "found"), [(THRESHOLD, True), (THRESHOLD + 1, False)])
def test_the_limit_of_an_upright_copy(bits, found):
    random = np.random.default_rng(0)
    one = random.integers(0, 2, 256, dtype=np.uint8)
    other = one.copy()
    other[random.choice(256, bits, replace=False)] ^= 1
    assert (len(near_duplicates([hashed(one), hashed(other)])) == 1) == found


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize(("bits", "found"), [(TURNED_THRESHOLD, True), (TURNED_THRESHOLD + 1, False)])
def test_the_limit_of_a_turned_copy(turn, bits, found):
    random = np.random.default_rng(1)
    one = random.integers(0, 2, (16, 16), dtype=np.uint8)
    # Mirroring turns the signs of odd frequencies over; a quarter turn also swaps rows and columns.
    odd = np.arange(16) % 2
    swapped = turn in (TURNS[2], TURNS[4], TURNS[5], TURNS[6])
    flips = {0: (0, 1), 1: (1, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 1)}[TURNS.index(turn)]
    other = (one.T if swapped else one) ^ (odd[:, None] * flips[0]) ^ (odd * flips[1])
    flat = other.astype(np.uint8).ravel()
    flat[random.choice(256, bits, replace=False)] ^= 1
    assert (len(near_duplicates([hashed(one), hashed(flat)])) == 1) == found


@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_photograph_is_found_exactly(turn):
    upright = synthetic_photographs.picture(3, (128, 128))
    fingerprints = [
        perceptual_hash(image.convert("L"))
        for image in (upright, upright.transpose(turn), synthetic_photographs.picture(4))
    ]
    assert near_duplicates(fingerprints).tolist() == [[0, 1]]


def test_pairs_are_those_of_comparing_all_with_all():
    random = np.random.default_rng(2)
    bases = random.integers(0, 2, (700, 256), dtype=np.uint8)
    near = bases[:300] ^ (random.random((300, 256)) < random.uniform(0.05, 0.25, (300, 1))).astype(np.uint8)
    every = np.concatenate([bases, near])
    distances = (every[:, None] != every[None]).sum(axis=-1)
    expected = np.argwhere(np.triu(distances <= THRESHOLD, 1))
    assert 50 < len(expected) < 300
    assert near_duplicates([hashed(each) for each in every]).tolist() == expected.tolist()


def test_tens_of_thousands_are_compared_in_seconds():
    random = np.random.default_rng(3)
    fingerprints = [random.bytes(32).hex() for _ in range(20_000)]
    fingerprints[-1] = fingerprints[0]
    start = time.perf_counter()
    assert near_duplicates(fingerprints).tolist() == [[0, 19_999]]
    # 1.5 s where nothing else runs; the bound is for a machine that does ten things at once.
    assert time.perf_counter() - start < 60


def test_clusters_join_through_others():
    numbers = clusters(5, np.array([[0, 2], [2, 4]]))
    assert numbers[0] == numbers[2] == numbers[4]
    assert len(set(numbers.tolist())) == 3
    assert len(set(clusters(3, np.empty((0, 2), dtype=np.intp)).tolist())) == 3
