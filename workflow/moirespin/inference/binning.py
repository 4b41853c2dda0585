"""Large images made smaller: what takes long to fit and tells little is averaged or cut off.

Squares of pixels are averaged as far as the instrument's resolution and the walls of the textures
allow. What is still too large is cropped to its middle.
"""

from dataclasses import replace

import numpy as np

from moirespin.inference.measurement import Knowledge, Measurement

# Pixels of an image, above which they are averaged.
MANY_PIXELS = 250**2
# Side of an image in pixels, beyond which it is cropped.
LONGEST_SIDE = 400
# A domain wall is some nanometres wide: averaged pixels are no larger than this (nm), or than a
# share of what the instrument resolves.
FINEST_NM = 0.6
SHARE_OF_RESOLUTION = 0.8


def smaller(measurement: Measurement, known: Knowledge) -> tuple[Measurement, Knowledge, list[str]]:
    """Return an image that can be fitted in seconds, what is known of it, and what was done.

    Args:
        measurement: the pixels.
        known: of them; the aperture of averaged pixels is larger.
    """
    rows, columns = measurement.images.shape[1:]
    wanted = int(np.ceil(np.sqrt(rows * columns / MANY_PIXELS)))
    coarsest = max(FINEST_NM, SHARE_OF_RESOLUTION * resolved_nm(known))
    side = max(1, min(wanted, int(coarsest / measurement.pixel_nm)))
    sentences = []
    if side > 1:
        measurement = averaged(measurement, side)
        # Second moments of a square of pixels and of their own extent add up.
        spread = (side**2 - 1) * (measurement.pixel_nm / side) ** 2
        known = replace(known, aperture_nm=float(np.sqrt(known.aperture_nm**2 + spread)))
        sentences.append(
            f"The image has {columns} x {rows} pixels: squares of {side} x {side} were averaged,"
            " which loses nothing that the instrument resolves."
        )
    if max(measurement.images.shape[1:]) > LONGEST_SIDE:
        measurement = cropped(measurement, LONGEST_SIDE)
        height, width = (measurement.pixel_nm * n for n in measurement.images.shape[1:])
        sentences.append(
            f"The image is larger than can be fitted in a minute: only the {width:.4g} x"
            f" {height:.4g} nm in its middle were used."
        )
    return measurement, known, sentences


def resolved_nm(known: Knowledge) -> float:
    """Return the finest length that an instrument resolves."""
    height = known.height_nm[0] if known.channel == "stray-field" else 0.0
    return max(known.point_spread_nm[0], 0.5 * height, known.aperture_nm)


def averaged(measurement: Measurement, side: int) -> Measurement:
    """Return an image whose pixels are means over squares; one missing pixel spoils a square.

    Rows and columns at the far edges that fill no square are left out.
    """
    images, rows, columns = measurement.images.shape
    shape = (images, rows // side, side, columns // side, side)

    def squares(values: np.ndarray) -> np.ndarray:
        return values[:, : shape[1] * side, : shape[3] * side].reshape(shape)

    seen = squares(measurement.seen).min(axis=(2, 4))
    return Measurement(
        squares(measurement.images).mean(axis=(2, 4)) * seen, seen, measurement.pixel_nm * side
    )


def cropped(measurement: Measurement, longest: int) -> Measurement:
    """Return the middle of an image, at most `longest` pixels along each side."""
    kept = []
    for length in measurement.images.shape[1:]:
        start = max(0, (length - longest) // 2)
        kept.append(slice(start, start + min(length, longest)))
    return measurement._replace(
        images=measurement.images[:, *kept], seen=measurement.seen[:, *kept]
    )
