"""Theta, J and D of a measured image in Python, as `moirespin infer` finds them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from moirespin.pipeline import config_files
from moirespin.pipeline.arithmetic import pin_arithmetic
from moirespin.textures.model_files import SHIPPED

if TYPE_CHECKING:
    from moirespin.inference.infer import Posterior

ROOT = Path(__file__).parents[3]
RANGES = ("twist_deg", "exchange_mev", "anisotropy_mev")


def infer(
    image: np.ndarray,
    pixel_nm: float,
    channel: str,
    *,
    model: str | Path = SHIPPED,
    samples: int = 4000,
    seed: int = 0,
    **known: Any,
) -> "Posterior":
    """Return the posterior of theta, J and D of one image; `summarise` gives its numbers.

    JAX computes in double precision from the first call on.

    Args:
        image: rows upwards, shape (y, x), or (2, y, x) for the channel "both"; NaN is no pixel.
        pixel_nm: distance of neighbouring pixels.
        channel: "net", "top", "both" or "stray-field".
        model: texture model of the interlayer exchange, a .safetensors file.
        samples: how many to draw.
        seed: of the draws.
        **known: further attributes of `inference.measurement.Knowledge`, such as
            `units="spin"` or `twist_deg=(0.8, 1.4)`; a range is all that the model knows by
            default.

    Raises:
        ValueError: one sentence, if the image or what is known of it makes no sense, or the image
            has no period.
    """
    # Imported here: JAX takes a second.
    from moirespin.inference import infer as inference
    from moirespin.inference.measurement import Knowledge, check_knowledge, check_measurement
    from moirespin.inference.model_files import load_textures
    from moirespin.probes.stray_field import Moment

    pin_arithmetic(double=True)
    measurement = check_measurement(image, pixel_nm, channel)
    moment = Moment(**config_files.read_configs([ROOT / "config.yaml"])["magnet"])
    textures = load_textures(model, moment)
    ranges = {name: getattr(textures, name) for name in RANGES}
    knowledge = Knowledge(channel, **({"units": "arbitrary"} | ranges | known))
    checked = check_knowledge(knowledge, textures)
    return inference.infer(measurement, checked, textures, samples=samples, seed=seed)
