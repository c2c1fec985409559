"""The three domains of synthetic photographs: their people, light, cameras, clutter and classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from derm_cli.plugin import LesionClass
from derm_datasets.synthetic import conditions

Range = tuple[float, float]
"""The ends between which a number is drawn, uniformly and anew for each photograph."""

SEED = 2021
"""The seed of the photographs that everybody has, unless another is asked for."""
SIDE = 192
"""The side of a synthetic photograph in pixels, unless another is asked for."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Camera:
    """How the photograph is taken.

    ``reach`` is half the photographed width (1 = half the drawn skin, at most 0.66); ``tilt`` the share by which one
    direction is foreshortened; ``turn`` degrees to either side; ``shift`` how far, of the width, the lesion lies from
    the middle.  ``warmth`` moves light from blue (-1) to amber (+1); ``exposure`` is in stops; ``uneven`` and
    ``vignette`` are shares of light lost across the frame and in its corners; ``relief`` weighs side light;
    ``gloss`` the mirror reflection of wet or oily skin.  ``blur`` is in thousandths of the side; ``noise`` the standard
    deviation at full light; ``sharpen`` the strength of an unsharp mask; ``saturation`` a factor; ``quality`` JPEG's.
    """

    reach: Range
    tilt: Range
    turn: float
    shift: float
    warmth: Range
    tint: Range
    exposure: Range
    uneven: Range
    vignette: Range
    relief: Range
    gloss: Range
    blur: Range
    noise: Range
    sharpen: Range
    saturation: Range
    quality: Range


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Clutter:
    """How often, 0..1, there is what should not be: on the skin (hair, ink, sticker) or in the instrument."""

    hair: float
    ink: float
    sticker: float
    ruler: float
    bubbles: float
    dark_field: float
    shadow: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Domain:
    """A synthetic dataset: its classes in their order with the condition and the number of photographs of each.

    ``skin_types`` are the weights of Fitzpatrick I..VI among its patients; ``depth`` (0..1) tells how much of what lies
    beneath the surface, such as a pigment network, is seen: all of it through a dermoscope's oil.
    """

    name: str
    title: str
    code: str
    image_type: Literal["dermoscopic", "clinical"]
    classes: tuple[tuple[str, conditions.Condition, int], ...]
    skin_types: tuple[float, float, float, float, float, float]
    depth: float
    camera: Camera
    clutter: Clutter

    @property
    def lesion_classes(self) -> tuple[LesionClass, ...]:
        """The classes as derm knows them."""
        return tuple(
            LesionClass(name=name, title=condition.title, diagnoses=condition.diagnoses)
            for name, condition, _ in self.classes
        )

    @property
    def counts(self) -> dict[str, int]:
        """The number of photographs of each class."""
        return {name: count for name, _, count in self.classes}


DERMOSCOPY = Domain(
    name="synthetic-dermoscopy",
    title="Synthetic: made photographs as through a dermoscope",
    code="D",
    image_type="dermoscopic",
    classes=(
        ("nv", conditions.NEVUS, 170),
        ("mel", conditions.MELANOMA, 60),
        ("bcc", conditions.BASAL_CELL_CARCINOMA, 80),
        ("sk", conditions.SEBORRHEIC_KERATOSIS, 90),
        ("vasc", conditions.VASCULAR_LESION, 45),
        ("df", conditions.DERMATOFIBROMA, 35),
    ),
    skin_types=(0.2, 0.45, 0.24, 0.07, 0.03, 0.01),
    depth=1.0,
    camera=Camera(
        reach=(0.42, 0.62),
        tilt=(0.0, 0.05),
        turn=180,
        shift=0.05,
        warmth=(-0.35, 0.25),
        tint=(-0.12, 0.3),
        exposure=(-0.15, 0.45),
        uneven=(0.0, 0.12),
        vignette=(0.05, 0.45),
        relief=(0.02, 0.1),
        gloss=(0.0, 0.03),
        blur=(2.0, 5.0),
        noise=(0.006, 0.018),
        sharpen=(0.2, 0.9),
        saturation=(0.95, 1.25),
        quality=(86, 95),
    ),
    clutter=Clutter(hair=0.4, ink=0.04, sticker=0.0, ruler=0.2, bubbles=0.3, dark_field=0.35, shadow=0.0),
)

CLINIC = Domain(
    name="synthetic-clinic",
    title="Synthetic: made photographs as by a clinic's camera",
    code="C",
    image_type="clinical",
    classes=(
        ("NEV", conditions.NEVUS, 100),
        ("MEL", conditions.MELANOMA, 40),
        ("BCC", conditions.BASAL_CELL_CARCINOMA, 70),
        ("AK", conditions.ACTINIC_KERATOSIS, 50),
        ("SCC", conditions.SQUAMOUS_CELL_CARCINOMA, 35),
        ("SK", conditions.SEBORRHEIC_KERATOSIS, 45),
        ("DF", conditions.DERMATOFIBROMA, 20),
    ),
    skin_types=(0.05, 0.2, 0.3, 0.25, 0.13, 0.07),
    depth=0.3,
    camera=Camera(
        reach=(0.5, 0.66),
        tilt=(0.0, 0.15),
        turn=40,
        shift=0.06,
        warmth=(-0.1, 0.3),
        tint=(-0.08, 0.1),
        exposure=(-0.25, 0.35),
        uneven=(0.05, 0.3),
        vignette=(0.0, 0.2),
        relief=(0.16, 0.4),
        gloss=(0.02, 0.3),
        blur=(2.0, 5.0),
        noise=(0.006, 0.02),
        sharpen=(0.3, 1.1),
        saturation=(0.9, 1.1),
        quality=(82, 94),
    ),
    clutter=Clutter(hair=0.3, ink=0.12, sticker=0.15, ruler=0.0, bubbles=0.0, dark_field=0.0, shadow=0.05),
)

PHONE = Domain(
    name="synthetic-phone",
    title="Synthetic: made photographs as by a phone",
    code="P",
    image_type="clinical",
    classes=(
        ("ACK", conditions.ACTINIC_KERATOSIS, 120),
        ("BCC", conditions.BASAL_CELL_CARCINOMA, 140),
        ("MEL", conditions.MELANOMA, 30),
        ("NEV", conditions.NEVUS, 90),
        ("SCC", conditions.SQUAMOUS_CELL_CARCINOMA, 45),
        ("SEK", conditions.SEBORRHEIC_KERATOSIS, 55),
    ),
    skin_types=(0.08, 0.27, 0.3, 0.2, 0.1, 0.05),
    depth=0.25,
    camera=Camera(
        reach=(0.46, 0.66),
        tilt=(0.0, 0.3),
        turn=60,
        shift=0.1,
        warmth=(-0.5, 0.9),
        tint=(-0.25, 0.25),
        exposure=(-0.8, 0.5),
        uneven=(0.1, 0.55),
        vignette=(0.0, 0.3),
        relief=(0.12, 0.4),
        gloss=(0.0, 0.35),
        blur=(3.0, 10.0),
        noise=(0.012, 0.045),
        sharpen=(0.0, 1.6),
        saturation=(0.8, 1.25),
        quality=(55, 85),
    ),
    clutter=Clutter(hair=0.35, ink=0.15, sticker=0.02, ruler=0.0, bubbles=0.0, dark_field=0.0, shadow=0.25),
)

DOMAINS = (DERMOSCOPY, CLINIC, PHONE)
