"""Inference put to the test: a measurement whose truth is known, and what was made of it.

Axes and units: as in `measurement`.
"""

import math
import time
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from moirespin.inference.fit import descend
from moirespin.inference.forward import background_basis, equations, prepare
from moirespin.inference.infer import LOW_GOODNESS, Posterior, infer
from moirespin.inference.measurement import (
    BRANCHES,
    Knowledge,
    Measurement,
    Textures,
)
from moirespin.inference.modes import Mode
from moirespin.inference.seen_waves import CORE, REACHES, Copy
from moirespin.inference.simulated import Camera, Pose, draw_pose
from moirespin.probes.instrument import ReadOut
from moirespin.states.sweep import MEASUREMENT, stream, uniforms

# What a trial is about, and where it stands among the nonlinear parameters.
TESTED = {"twist_angle_deg": 0, "exchange_mev": 1, "anisotropy_mev": 2}
# Streams of one set.
POSE, CAMERA, NOISE = range(3)
# Contrast of an optical image or a tunnelling current has no scale; a nitrogen-vacancy centre
# measures in microtesla, and the paper's images of both layers are spins.
UNITS_OF = {"net": "arbitrary", "top": "arbitrary", "both": "spin", "stray-field": "spin"}
# A gain lies between 1 / this and this.
LARGEST_GAIN = 5.0


class TrialPlan(NamedTuple):
    """What measurements are simulated, and how they are read.

    Attributes:
        channels: dealt to the sets in turn.
        window_nm, pixels: of an image.
        point_spread_nm: standard deviation, which the inference knows.
        height_nm: range of the height of a stray field's sensor, uniform in its logarithm; known.
        snr_db: range of the signal-to-noise ratio, uniform in dB; not known to the inference.
        samples: of each posterior.
    """

    channels: list[str]
    window_nm: float
    pixels: int
    point_spread_nm: float
    height_nm: tuple[float, float]
    snr_db: tuple[float, float]
    samples: int


class Take(NamedTuple):
    """One simulated measurement.

    Attributes:
        pose: of the texture.
        camera: channel, resolution, noise, and gain and background where units are arbitrary.
        units: as `Knowledge` has them.
        noise: seed.
    """

    pose: Pose
    camera: Camera
    units: str
    noise: np.random.SeedSequence


def draw_take(
    plan: TrialPlan, *, seed: int, twist_index: int, number: int, period_nm: float
) -> Take:
    """Return how one set is measured: channels in turn, all else at random.

    Args:
        plan: what is simulated.
        seed: of all trials.
        twist_index: m of the set.
        number: of the set within its angle.
        period_nm: moire period.
    """
    channel = plan.channels[number % len(plan.channels)]
    units = UNITS_OF[channel]

    def own(purpose: int) -> np.random.SeedSequence:
        return stream(seed, twist_index, number, MEASUREMENT, purpose)

    snr, height, gain, sign, offset, *tilt = uniforms(own(CAMERA), 7)
    lowest, highest = np.log(plan.height_nm)
    scale = None
    if units == "arbitrary":
        gain = math.exp((2 * gain - 1) * math.log(LARGEST_GAIN)) * (1 if sign < 0.5 else -1)
        # The background changes by up to the gain from one side of the image to the other.
        slope = (2 * np.array(tilt) - 1) * abs(gain) / plan.window_nm
        scale = ReadOut(*map(jnp.asarray, (gain, 4 * (offset - 0.5) * gain, slope)))
    camera = Camera(
        channel,
        plan.window_nm,
        plan.pixels,
        plan.point_spread_nm,
        float(np.exp(lowest + height * (highest - lowest))),
        (0.0, 0.0, 1.0),
        float(plan.snr_db[0] + snr * (plan.snr_db[1] - plan.snr_db[0])),
        scale,
    )
    return Take(draw_pose(own(POSE), period_nm), camera, units, own(NOISE))


def knowledge(take: Take, model: Textures) -> Knowledge:
    """Return what the inference is told of a measurement: the instrument, and J and D's ranges."""
    camera = take.camera
    return Knowledge(
        camera.channel,
        take.units,
        model.twist_deg,
        model.exchange_mev,
        model.anisotropy_mev,
        (camera.point_spread_nm, 0.0),
        (camera.height_nm, 0.0),
        camera.axis,
    )


def judge_reading(
    measurement: Measurement,
    known: Knowledge,
    model: Textures,
    *,
    quiet: Measurement,
    truth: dict[str, float],
    samples: int,
    seed: int,
) -> dict:
    """Return what the inference makes of a measurement, beside the truth, as a row of a table.

    A refusal is an outcome like any other.

    Args:
        measurement: the pixels.
        known: what the inference is told.
        model: textures.
        quiet: the same pixels without noise.
        truth: of the keys of TESTED.
        samples: of the posterior.
        seed: of the samples.

    Returns:
        `outcome`: "read", "ferromagnet" or "refused: ...". Of each parameter, with its name before
        it: the truth, `_mean`, `_std`, `_lower95`, `_upper95`, `_error` (mean less truth), `_rank`
        (share of the samples below the truth), `_bound` (of Cramer and Rao, at the best mode).
        `p_value`, and `unexplained`, whether it says that the model does not explain the image;
        `texture_sigma` and `distance_sigma`: how far the image without noise lies from an empty
        one and from the nearest one of the model, in standard deviations of the noise;
        `noise_std`, `modes`, `phase_found`, `seconds`.
    """
    began = time.monotonic()
    try:
        found = infer(measurement, known, model, samples=samples, seed=seed)
    except ValueError as error:
        found, refusal = None, str(error)
    row: dict = {"seconds": time.monotonic() - began}
    if found is None:
        row["outcome"] = f"refused: {refusal}"
    else:
        row["outcome"] = "read" if found.modes else "ferromagnet"
    for name, true in truth.items():
        row |= {f"{name}{ending}": value for ending, value in _compare(found, name, true).items()}
    row["p_value"] = found.goodness.p_value if found and found.goodness else math.nan
    row["unexplained"] = row["p_value"] < LOW_GOODNESS
    deviation = float(np.std((measurement.images - quiet.images)[measurement.seen > 0]))
    empty, nearest = _distances(quiet, known, model, modes=found.modes if found else [])
    row["texture_sigma"] = empty / deviation if deviation else math.inf
    row["distance_sigma"] = nearest / deviation if deviation else math.inf
    row["noise_std"] = found.noise_std if found else math.nan
    row["modes"] = int(np.sum(found.weights > 0.01)) if found else 0
    row["phase_found"] = BRANCHES[found.modes[0].branch] if found and found.modes else ""
    return row


def _distances(
    quiet: Measurement, known: Knowledge, model: Textures, *, modes: list[Mode]
) -> tuple[float, float]:
    """Return the distance of an image without noise from an empty and from the model's nearest one.

    Distance is the root of the sum of squares over the pixels. An empty image has offset and tilt
    only. The nearest image is sought from the likeliest modes; without any it is NaN.
    """
    setting, data = prepare(quiet, known, model)
    basis = background_basis(quiet)
    rest = data.values - basis @ (basis.T @ data.values)
    squares = [
        descend(
            mode.point,
            mode.copy,
            data,
            # Changes that the noise of the measurement would hide still count.
            variance=1e-3 * mode.variance,
            model=model,
            branch=mode.branch,
            setting=setting,
            reach=REACHES[-1],
        ).equations.misfit
        for mode in modes[:2]
    ]
    return float(np.linalg.norm(rest)), math.sqrt(min(squares)) if squares else math.nan


def _compare(found: Posterior | None, name: str, true: float) -> dict[str, float]:
    """Return the numbers of one parameter, NaN where the image was refused."""
    names = ("_mean", "_std", "_lower95", "_upper95", "_error", "_rank", "_bound")
    if found is None:
        return {"": true} | dict.fromkeys(names, math.nan)
    values = found.samples[name]
    lower, upper = np.quantile(values, [0.025, 0.975])
    rank = np.mean(values < true) + 0.5 * np.mean(values == true)
    bound = math.nan
    if found.clouds:
        place = TESTED[name]
        bound = math.sqrt(found.clouds[0].covariance[place, place])
        if CORE[place].startswith("log_"):
            bound *= math.exp(found.modes[0].point[place])
    mean = values.mean()
    numbers = (mean, values.std(), lower, upper, mean - true, rank, bound)
    return {"": true} | {key: float(value) for key, value in zip(names, numbers, strict=True)}


def posed_bounds(
    measurement: Measurement,
    known: Knowledge,
    model: Textures,
    *,
    truth: dict[str, float],
    phase: str,
    variance: float,
) -> dict[str, float]:
    """Return the bounds of Cramer and Rao for who knows the pose, of an image in the canonical one.

    Turn and place are known, theta, J and D are not: the inverse of a 3 x 3 matrix, as for networks
    that see images of one pose.

    Args:
        measurement: whose pixels are looked at; its noise has no part.
        known: the instrument.
        model: textures.
        truth: of the keys of TESTED.
        phase: of BRANCHES.
        variance: of the noise of a pixel.
    """
    setting, data = prepare(measurement, known, model)
    twist, exchange, anisotropy = truth.values()
    point = np.array([math.log(twist), math.log(exchange), anisotropy, 0.0, 0.0, 0.0])
    found = equations(
        point,
        Copy(1.0, 0.0, 1.0),
        data,
        model=model,
        branch=BRANCHES.index(phase),
        setting=setting,
    )
    places = list(TESTED.values())
    covariance = variance * np.linalg.inv(found.normal[np.ix_(places, places)])
    deviations = np.sqrt(np.diag(covariance)) * np.array([twist, exchange, 1.0])
    return dict(zip(TESTED, deviations.tolist(), strict=True))
