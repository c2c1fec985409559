"""Rotation, flips, scale and shift as one affine map, sampled once."""

from __future__ import annotations

from typing import Any

from keras import ops


def affine_map(
    size: tuple[int, int], *, angle: Any, scales: tuple[Any, Any], flips: tuple[Any, Any], shifts: tuple[Any, Any]
) -> Any:
    """Return affine maps from output to input coordinates, (n, 8), about the centre: shift, then flip, turn, scale.

    ``size`` is height and width.  ``angle`` is in radians; ``scales`` are the shares of width and height that are
    shown; ``flips`` are -1 or 1, and ``shifts`` in pixels, along x and y.  Each is float32 (n,) or a number.
    """
    height, width = size
    scale_x, scale_y = scales
    cos_x, sin_x = ops.cos(angle) * scale_x, ops.sin(angle) * scale_x
    cos_y, sin_y = ops.cos(angle) * scale_y, ops.sin(angle) * scale_y
    flip_x, flip_y = flips
    centre_x, centre_y = (width - 1) / 2.0, (height - 1) / 2.0
    xx, xy = cos_x * flip_x, -sin_x * flip_y
    yx, yy = sin_y * flip_x, cos_y * flip_y
    zero = ops.zeros_like(cos_x)
    shift_x = centre_x + shifts[0] - xx * centre_x - xy * centre_y
    shift_y = centre_y + shifts[1] - yx * centre_x - yy * centre_y
    return ops.stack([xx, xy, shift_x, yx, yy, shift_y, zero, zero], axis=1)


def sample(photographs: Any, maps: Any) -> Any:
    """Return the photographs, float32 (n, h, w, 3), through their maps: bilinear, reflected at the borders."""
    return ops.image.affine_transform(
        photographs, maps, interpolation="bilinear", fill_mode="reflect", data_format="channels_last"
    )
