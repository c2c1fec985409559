"""The lesions: for each condition a function that draws one of its forms into a patch of skin.

Colours overlap on purpose: pale and dark ones occur in every class, and what tells classes apart is asymmetry, border
and structure, as in the criteria of pattern analysis (Argenziano et al., J Am Acad Dermatol 2003).  ``depth`` (0..1)
tells how much shows of what lies beneath the surface; the relief shows in inverse measure, by the camera's light.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from derm_datasets.synthetic import conditions
from derm_datasets.synthetic.drawing.fields import Field, fractal, noise, step
from derm_datasets.synthetic.drawing.skin import Patch
from derm_datasets.synthetic.drawing.structures import (
    Outline,
    branching_vessels,
    convolutions,
    globules,
    network,
    outline,
    rays,
    scales,
    softened,
)

Rng = np.random.Generator


def draw(patch: Patch, rng: Rng, condition: str, form: str, depth: float) -> Outline:
    """Draw a lesion into ``patch``; return where it lies."""
    return _PAINTERS[condition](patch, rng, form, depth)


def _nevus(patch: Patch, rng: Rng, form: str, depth: float) -> Outline:
    """Symmetric, one or two browns, an even network, even globules, or none; the border fades evenly."""
    clark = form == "dysplastic"
    area = outline(
        rng,
        patch.x,
        patch.y,
        rng.uniform(0.13, 0.3),
        elongation=rng.uniform(1.0, 1.45),
        asymmetry=rng.uniform(0.08, 0.16) if clark else rng.uniform(0.02, 0.07),
        irregularity=rng.uniform(0.05, 0.1) if clark else rng.uniform(0.02, 0.05),
    )
    if form == "blue":
        patch.deep += area.mask(rng.uniform(0.25, 0.5)) * np.float32(rng.uniform(0.7, 1.6))
        patch.melanin += area.mask(0.4) * np.float32(rng.uniform(0.2, 0.8)) * _mottle(rng, area, 0.2)
        patch.height += np.float32(0.06) * area.dome()
        return area
    if form == "dermal":
        pigment = area.mask(rng.uniform(0.2, 0.4)) * _mottle(rng, area, 0.2)
        patch.melanin += pigment * np.float32(rng.uniform(0.1, 0.9))
        patch.blood += pigment * np.float32(rng.uniform(0.1, 0.6))
        patch.height += np.float32(rng.uniform(0.4, 0.8) * area.radius) * area.dome(0.9)
        patch.blood += np.float32(0.4 * depth) * area.mask(0.3) * branching_vessels(rng, area, int(rng.integers(0, 4)))
        return area
    mask = area.mask(rng.uniform(0.25, 0.8))
    centre = step(area.level, 0.1, 0.8) * np.float32(rng.uniform(-0.2, 0.4))
    pigment = mask * (centre + _mottle(rng, area, rng.uniform(0.1, 0.25)))
    if form == "compound":
        cobbles = softened(globules(rng, area, int(rng.integers(35, 70)), (0.009, 0.018)), 0.006)
        pigment = pigment * (np.float32(0.85) + np.float32(rng.uniform(0.2, 0.7) * depth) * cobbles)
        patch.height += np.float32(rng.uniform(0.2, 0.5) * area.radius) * area.dome(0.8) + np.float32(0.01) * cobbles
    else:
        mesh = network(rng, area, rng.uniform(0.028, 0.042), 0.35 if clark else 0.12)
        fade = np.float32(rng.uniform(0.25, 0.7) * depth) * step(area.level, rng.uniform(0.6, 1.1), 0.2)
        pigment = pigment * (1 - fade + fade * mesh * np.float32(1.7))
    if clark:
        for _ in range(int(rng.integers(1, 3))):
            pigment = pigment + np.float32(rng.uniform(0.2, 0.6)) * mask * area.blob(rng, rng.uniform(0.3, 0.5))
        patch.blood += np.float32(rng.uniform(0.1, 0.4)) * area.mask(0.8)
    patch.melanin += pigment * np.float32(rng.uniform(0.5, 1.9))
    patch.blood += mask * np.float32(rng.uniform(0.0, 0.35))
    return area


def _melanoma(patch: Patch, rng: Rng, form: str, depth: float) -> Outline:
    """Asymmetric, ragged, many colours: an uneven network, blotches, streaks, blue-white veil, regression."""
    nodular = form == "nodular"
    area = outline(
        rng,
        patch.x,
        patch.y,
        rng.uniform(0.17, 0.37),
        elongation=rng.uniform(1.1, 1.6),
        asymmetry=rng.uniform(0.04, 0.1) if nodular else rng.uniform(0.1, 0.24),
        irregularity=rng.uniform(0.05, 0.09) if nodular else rng.uniform(0.07, 0.15),
    )
    side, mask = area.side, area.mask(rng.uniform(0.15, 0.5))
    mesh = network(rng, area, rng.uniform(0.034, 0.055), rng.uniform(0.5, 1.0))
    coarse = np.float32(rng.uniform(0.2, 0.8) * depth) * step(noise(rng, side, 1.5 / area.radius), -0.8, 0.8)
    pigment = mask * _mottle(rng, area, rng.uniform(0.4, 0.7), 1.2) * (1 - coarse + np.float32(1.6) * coarse * mesh)
    for _ in range(int(rng.integers(0, 2) if form == "in-situ" else rng.integers(1, 4))):
        pigment = pigment + mask * np.float32(rng.uniform(0.4, 1.4)) * area.blob(rng, rng.uniform(0.25, 0.6), 0.8, 0.8)
    if rng.random() < 0.4:
        pigment = pigment + np.float32(rng.uniform(0.3, 0.8)) * rays(rng, area, rng.uniform(26, 44))
    if rng.random() < 0.6:
        dots = softened(globules(rng, area, int(rng.integers(8, 30)), (0.005, 0.016), reach=1.0), 0.004)
        pigment = pigment + np.float32(0.2 + 0.6 * depth) * dots
    patch.melanin += pigment * np.float32(rng.uniform(0.6, 2.2))
    patch.blood += mask * np.float32(rng.uniform(0.0, 0.6)) * step(noise(rng, side, 1.6 / area.radius), -0.5, 1.0)
    if nodular or rng.random() < (0.15 if form == "in-situ" else 0.5):
        veil = mask * area.blob(rng, rng.uniform(0.4, 0.7), 0.4, 1.2) * np.clip(_mottle(rng, area, 0.35), 0, 1.3)
        patch.melanin *= 1 - np.float32(0.3) * veil
        patch.deep += veil * np.float32(rng.uniform(0.5, 1.2))
        patch.white += veil * np.float32(rng.uniform(0.02, 0.09))
    if not nodular and rng.random() < 0.35:
        scar = mask * area.blob(rng, rng.uniform(0.3, 0.5), 0.7, 1.0)
        patch.melanin *= 1 - np.float32(rng.uniform(0.4, 0.7)) * scar
        patch.white += scar * np.float32(rng.uniform(0.04, 0.2))
        patch.deep += scar * np.float32(0.6) * globules(rng, area, 90, (0.003, 0.006))
    if nodular:
        bump = softened(area.blob(rng, rng.uniform(0.6, 0.8), 0.25), 0.05)
        patch.height += np.float32(0.25) * bump
        patch.blood += bump * np.float32(rng.uniform(0.1, 1.0))
        patch.melanin += bump * np.float32(rng.uniform(0.0, 1.2))
    patch.height += mask * np.float32(0.012) * fractal(rng, side, 3 / area.radius, 3)
    return area


def _basal_cell_carcinoma(patch: Patch, rng: Rng, form: str, depth: float) -> Outline:
    """Pearly pink with a rolled edge, branching vessels, blue-grey nests, an ulcer; or a thin pink plaque."""
    flat = form == "superficial"
    area = outline(
        rng,
        patch.x,
        patch.y,
        rng.uniform(0.18, 0.36) if flat else rng.uniform(0.14, 0.31),
        elongation=rng.uniform(1.0, 1.5),
        asymmetry=rng.uniform(0.07, 0.18),
        irregularity=rng.uniform(0.04, 0.1),
    )
    mask = area.mask(rng.uniform(0.35, 0.9))
    patch.blood += mask * np.float32(rng.uniform(0.1, 0.6)) * _mottle(rng, area, 0.4)
    patch.melanin *= 1 - np.float32(rng.uniform(0.0, 0.35)) * mask
    patch.melanin += mask * np.float32(max(rng.uniform(-0.3, 0.6), 0)) * _mottle(rng, area, 0.5)
    patch.white += mask * np.float32(rng.uniform(0.02, 0.1))
    vessels = branching_vessels(rng, area, int(rng.integers(2, 5) if flat else rng.integers(3, 7))) * area.mask(0.4)
    patch.blood += vessels * np.float32(rng.uniform(0.15, 0.5) + rng.uniform(0.3, 0.8) * depth)
    if rng.random() < 0.5:
        nests = globules(rng, area, int(rng.integers(2, 8)), (0.012, 0.045), reach=0.9)
        nests = softened(nests, 0.014) * np.clip(_mottle(rng, area, 0.3), 0, 1.5)
        patch.deep += nests * np.float32(rng.uniform(0.3, 1.1))
        patch.melanin += nests * np.float32(rng.uniform(0.2, 1.1))
    if flat:
        patch.height += area.rim(0.12, 0.06) * np.float32(0.012)
        patch.white += scales(rng, area, 0.35) * mask * np.float32(rng.uniform(0.1, 0.3))
        erosions = softened(globules(rng, area, int(rng.integers(0, 5)), (0.008, 0.02)), 0.005)
        patch.blood += erosions * np.float32(0.9)
        patch.melanin += erosions * np.float32(0.6)
        return area
    roll = area.rim(0.22, 0.26)
    patch.height += np.float32(0.3 * area.radius) * area.dome(0.8)
    patch.height += np.float32(rng.uniform(0.05, 0.25) * area.radius) * roll
    patch.white += roll * np.float32(rng.uniform(0.02, 0.12))
    if form == "ulcerated" or rng.random() < 0.3:
        _ulcer(patch, rng, area, rng.uniform(0.25, 0.5), reach=0.25)
    return area


def _seborrheic_keratosis(patch: Patch, rng: Rng, form: str, depth: float) -> Outline:
    """Stuck on, sharply bounded, waxy: brain-like ridges, white cysts, dark plugs; from yellow to nearly black."""
    area = outline(
        rng,
        patch.x,
        patch.y,
        rng.uniform(0.15, 0.36),
        elongation=rng.uniform(1.05, 1.5),
        asymmetry=rng.uniform(0.04, 0.14),
        irregularity=rng.uniform(0.03, 0.08),
    )
    mask = area.mask(rng.uniform(0.08, 0.25))
    ridges = convolutions(rng, area, rng.uniform(5, 12))
    furrow = (1 - step(ridges, 0.02, 0.35)) * np.clip(_mottle(rng, area, 0.6), 0, 1.6)
    warts = np.abs(fractal(rng, area.side, 7 / area.radius, 2))
    pigment = _mottle(rng, area, rng.uniform(0.2, 0.4)) + np.float32(rng.uniform(0.0, 0.6)) * furrow
    if form == "clonal":
        nests = softened(globules(rng, area, int(rng.integers(7, 15)), (0.012, 0.03)), 0.008)
        pigment = pigment + np.float32(0.5) * nests
        patch.deep += np.float32(0.4 * depth) * nests * mask
    patch.melanin += mask * pigment * np.float32(rng.uniform(0.3, 1.8))
    patch.blood += mask * np.float32(rng.uniform(0.0, 0.35))
    patch.keratin += mask * np.float32(rng.uniform(0.0, 0.22)) * (np.float32(0.5) + np.float32(0.5) * ridges)
    plugs = softened(globules(rng, area, int(rng.integers(2, 14)), (0.006, 0.016)), 0.004)
    patch.melanin += plugs * np.float32(rng.uniform(0.5, 1.6))
    cysts = softened(globules(rng, area, int(rng.integers(2, 16)), (0.005, 0.013)), 0.004)
    patch.white += cysts * np.float32(rng.uniform(0.1, 0.3) + 0.3 * depth)
    relief = np.float32(0.02) * ridges + np.float32(rng.uniform(0.005, 0.03)) * warts
    patch.height += mask * (np.float32(rng.uniform(0.02, 0.06)) + relief) - np.float32(0.02) * plugs
    return area


def _actinic_keratosis(patch: Patch, rng: Rng, form: str, depth: float) -> Outline:
    """An ill-defined rough patch: pink around pale follicles (strawberry pattern), dry white and yellow scales."""
    thick = form == "thick"
    area = outline(
        rng,
        patch.x,
        patch.y,
        rng.uniform(0.15, 0.36),
        elongation=rng.uniform(1.0, 1.7),
        asymmetry=rng.uniform(0.14, 0.28),
        irregularity=rng.uniform(0.12, 0.22),
    )
    mask = area.mask(rng.uniform(0.9, 1.6))
    net = np.clip(1 + np.float32(0.45) * fractal(rng, area.side, 22, 2), 0.1, 2)
    patch.blood += mask * net * np.float32(rng.uniform(0.1, 0.65))
    patch.melanin += mask * net * np.float32(max(rng.uniform(-0.6, 0.6), 0))
    follicles = softened(globules(rng, area, int(rng.integers(12, 30)), (0.006, 0.012), reach=1.0), 0.005)
    patch.white += follicles * mask * np.float32(0.1 + 0.3 * depth)
    flakes = scales(rng, area, rng.uniform(0.45, 0.75) if thick else rng.uniform(0.2, 0.5), rng.uniform(0.022, 0.045))
    flakes = flakes * area.mask(1.0)
    patch.white += flakes * np.float32(rng.uniform(0.12, 0.5))
    patch.keratin += flakes * np.float32(rng.uniform(0.15, 0.55) if thick else rng.uniform(0.0, 0.25))
    patch.height += flakes * np.float32(0.025 if thick else 0.01) + mask * np.float32(0.005) * noise(rng, area.side, 60)
    return area


def _squamous_cell_carcinoma(patch: Patch, rng: Rng, form: str, depth: float) -> Outline:
    """A red lump with a plug or crust of keratin and an ulcer; in situ a red scaly plaque with vessels like dots."""
    plaque = form == "in-situ"
    area = outline(
        rng,
        patch.x,
        patch.y,
        rng.uniform(0.16, 0.35),
        elongation=rng.uniform(1.0, 1.5),
        asymmetry=rng.uniform(0.08, 0.2),
        irregularity=rng.uniform(0.06, 0.14),
    )
    side, mask = area.side, area.mask(rng.uniform(0.3, 0.9))
    patch.blood += mask * np.float32(rng.uniform(0.2, 0.8)) * _mottle(rng, area, 0.4)
    patch.melanin += mask * np.float32(rng.uniform(0.0, 0.5))
    if plaque:
        dots = softened(globules(rng, area, int(rng.integers(25, 60)), (0.005, 0.01), reach=0.95), 0.004)
        patch.blood += dots * np.float32(0.3 + 0.8 * depth)
        flakes = scales(rng, area, rng.uniform(0.3, 0.55), rng.uniform(0.035, 0.05)) * mask
        patch.white += flakes * np.float32(rng.uniform(0.15, 0.5))
        patch.keratin += flakes * np.float32(rng.uniform(0.0, 0.3))
        patch.height += mask * np.float32(0.02) + flakes * np.float32(0.015)
        return area
    patch.height += np.float32(rng.uniform(0.3, 0.7) * area.radius) * area.dome(0.8)
    hairpins = softened(globules(rng, area, int(rng.integers(10, 25)), (0.006, 0.012), reach=1.0), 0.005)
    patch.blood += hairpins * step(area.level, 0.5, 0.25) * np.float32(0.3 + 0.8 * depth)
    crust = area.blob(rng, rng.uniform(0.4, 0.75), 0.15, softness=0.35)
    rough = np.clip(np.float32(0.6) + np.float32(0.4) * fractal(rng, side, 26, 2), 0, 1)
    patch.keratin += crust * rough * np.float32(rng.uniform(0.35, 0.9))
    patch.white += crust * rough * np.float32(rng.uniform(0.0, 0.2))
    patch.height += crust * np.float32(0.03) * (1 + rough)
    if rng.random() < 0.65:
        _ulcer(patch, rng, area, rng.uniform(0.2, 0.4), reach=0.45)
    return area


def _vascular_lesion(patch: Patch, rng: Rng, form: str, depth: float) -> Outline:
    """Red to purple lakes of blood with paler walls between; nearly black under a haze in angiokeratoma."""
    dark = form == "angiokeratoma"
    area = outline(
        rng,
        patch.x,
        patch.y,
        rng.uniform(0.12, 0.28),
        elongation=rng.uniform(1.0, 1.4),
        asymmetry=rng.uniform(0.04, 0.1),
        irregularity=rng.uniform(0.03, 0.07),
    )
    mask = area.mask(rng.uniform(0.15, 0.45))
    lakes = globules(rng, area, int(rng.integers(18, 60)), (0.014, 0.05), reach=0.95)
    lakes = softened(lakes, rng.uniform(0.006, 0.014)) * mask * np.clip(_mottle(rng, area, 0.25), 0, 1.5)
    patch.blood += mask * np.float32(rng.uniform(0.3, 1.2)) + lakes * np.float32(rng.uniform(0.4, 1.4))
    patch.deep += mask * np.float32(max(rng.uniform(-0.2, 0.2), 0))
    if dark:
        patch.melanin += lakes * np.float32(rng.uniform(0.4, 1.6))
        patch.deep += lakes * np.float32(rng.uniform(0.2, 0.8))
        patch.white += mask * area.blob(rng, 0.6, 0.3, 1.0) * np.float32(rng.uniform(0.03, 0.15))
    patch.white += mask * (1 - np.clip(lakes, 0, 1)) * np.float32(0.1 * depth)
    patch.height += np.float32(0.4 * area.radius) * area.dome(0.6) + lakes * np.float32(0.02)
    return area


def _dermatofibroma(patch: Patch, rng: Rng, form: str, depth: float) -> Outline:  # noqa: ARG001
    """A white scar-like centre and a delicate network around it that fades into the skin."""
    area = outline(
        rng,
        patch.x,
        patch.y,
        rng.uniform(0.14, 0.28),
        elongation=rng.uniform(1.0, 1.3),
        asymmetry=rng.uniform(0.03, 0.08),
        irregularity=rng.uniform(0.03, 0.06),
    )
    side, mask = area.side, area.mask(rng.uniform(0.6, 1.1))
    centre = step(
        area.level + np.float32(0.12) * fractal(rng, side, 4 / area.radius, 2),
        rng.uniform(0.25, 0.4),
        rng.uniform(0.8, 1.1),
    )
    mesh = network(rng, area, rng.uniform(0.026, 0.036), 0.15)
    fine = np.float32(rng.uniform(0.2, 0.6) * depth)
    tone = np.float32(rng.uniform(0.3, 1.2)) * _mottle(rng, area, 0.2)
    patch.melanin += mask * (1 - np.float32(0.75) * centre) * tone * (1 - fine + np.float32(1.6) * fine * mesh)
    patch.blood += mask * np.float32(rng.uniform(0.1, 0.5))
    patch.white += centre * np.float32(rng.uniform(0.08, 0.35) * (0.4 + 0.6 * depth))
    patch.height += np.float32(0.2 * area.radius) * area.dome(0.8) - centre * np.float32(0.012)
    return area


def _mottle(rng: Rng, area: Outline, strength: float, coarseness: float = 2.5) -> Field:
    """Return a factor about 1 that makes an even colour uneven; higher ``coarseness`` gives smaller patches."""
    return np.asarray(
        np.clip(1 + np.float32(strength) * fractal(rng, area.side, coarseness / area.radius, 4), 0.1, 2.5)
    )


def _ulcer(patch: Patch, rng: Rng, area: Outline, size: float, reach: float) -> None:
    """Add a raw, partly crusted hollow: dark red, with a yellow-brown crust at places."""
    raw = area.blob(rng, size, reach, softness=0.5)
    crusted: Field = raw * step(noise(rng, area.side, 18), -0.2, 0.9)
    patch.white *= 1 - np.float32(0.9) * raw
    patch.keratin *= 1 - np.float32(0.7) * raw
    patch.blood += raw * np.float32(rng.uniform(0.5, 1.3)) * _mottle(rng, area, 0.4)
    patch.melanin += raw * np.float32(rng.uniform(0.2, 0.8)) + crusted * np.float32(rng.uniform(0.4, 1.5))
    patch.height -= raw * np.float32(0.05) - crusted * np.float32(0.03)


_PAINTERS: dict[str, Callable[[Patch, Rng, str, float], Outline]] = {
    conditions.NEVUS.name: _nevus,
    conditions.MELANOMA.name: _melanoma,
    conditions.BASAL_CELL_CARCINOMA.name: _basal_cell_carcinoma,
    conditions.SEBORRHEIC_KERATOSIS.name: _seborrheic_keratosis,
    conditions.ACTINIC_KERATOSIS.name: _actinic_keratosis,
    conditions.SQUAMOUS_CELL_CARCINOMA.name: _squamous_cell_carcinoma,
    conditions.VASCULAR_LESION.name: _vascular_lesion,
    conditions.DERMATOFIBROMA.name: _dermatofibroma,
}
