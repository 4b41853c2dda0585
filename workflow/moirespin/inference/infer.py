"""From an image and what is known of it to the posterior of theta, J and D.

All modes that `modes` finds are explored, and their samples mixed in the proportion of their
evidence. An image without a period is no error if it is that of a ferromagnet: it says that J and D
lie where the ferromagnet is the ground state, and no more.
"""

from typing import NamedTuple

import numpy as np

from moirespin.inference.binning import smaller
from moirespin.inference.goodness import Goodness, judge
from moirespin.inference.measurement import BRANCHES, Knowledge, Measurement, Textures
from moirespin.inference.modes import Mode, find_modes
from moirespin.inference.posterior import Cloud, explore

# A texture is there if it takes up this many times the noise variance: chance, with all places and
# turns of a thousand textures to choose from, gives about 35.
LEAST_SIGNAL = 60.0
# A ferromagnet's mean S^z is +-1 to within this, beside the noise.
UNIFORM = 0.005
LOW_GOODNESS = 0.003
PARAMETERS = ("twist_angle_deg", "exchange_mev", "anisotropy_mev", "scaled_exchange_mev_deg2")


class Posterior(NamedTuple):
    """What an image says.

    Attributes:
        samples: of each parameter, and `rotation_deg`, `branch` (index into BRANCHES, -1 for the
            ferromagnet) and `mode` (index into `modes`, -1 for none), shape (sample,) each.
        modes: maxima of the likelihood, in order of `weights`.
        clouds: samples and bounds of each mode.
        weights: share of each mode in the posterior, shape (mode,).
        goodness: of the fit of the first mode; None for a ferromagnet.
        noise_std: of the pixels.
        warnings: sentences.
        measurement: the pixels that were fitted: a large image is averaged or cropped.
    """

    samples: dict[str, np.ndarray]
    modes: list[Mode]
    clouds: list[Cloud]
    weights: np.ndarray
    goodness: Goodness | None
    noise_std: float
    warnings: list[str]
    measurement: Measurement


def infer(
    measurement: Measurement, known: Knowledge, model: Textures, *, samples: int, seed: int
) -> Posterior:
    """Return the posterior of theta, J and D.

    Args:
        measurement: the pixels.
        known: ranges, channel, resolution.
        model: textures.
        samples: how many to draw.
        seed: of the draws.

    Raises:
        ValueError: if the image has no period in the range, and is not that of a ferromagnet.
    """
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    measurement, known, warnings = smaller(measurement, known)
    modes, data = find_modes(measurement, known, model)
    power = float(data.values @ data.values)
    if known.units == "spin":
        means = [image[seen > 0].mean() for image, seen in zip(*measurement[:2], strict=True)]
        spread = np.where(measurement.seen > 0, measurement.images - means[0], 0.0)
        power = float(np.sum(spread**2))
    pixels = measurement.seen.sum()
    if power - modes[0].variance * pixels < LEAST_SIGNAL * modes[0].variance:
        without = _without_texture(measurement, known, model, samples=samples, generator=generator)
        return without._replace(warnings=warnings + without.warnings)
    explored = [
        explore(
            mode, data, model, excess_mev=known.excess_mev, samples=samples, generator=generator
        )
        for mode in modes
    ]
    found = [(mode, cloud) for mode, cloud in zip(modes, explored, strict=True) if cloud]
    if not found:
        warnings.append(
            "Every texture that fits the image lies more than"
            f" {known.excess_mev:g} meV per moire cell above the ground state of its parameters."
        )
        explored = [
            explore(mode, data, model, excess_mev=np.inf, samples=samples, generator=generator)
            for mode in modes
        ]
        found = [(mode, cloud) for mode, cloud in zip(modes, explored, strict=True) if cloud]
    if not found:
        raise ValueError("no texture of the model lies where the image's fits end")
    evidence = np.array([cloud.log_evidence for _, cloud in found])
    weights = np.exp(evidence - evidence.max())
    weights = weights / weights.sum()
    order = np.argsort(-weights, kind="stable")
    modes, clouds = [found[n][0] for n in order], [found[n][1] for n in order]
    weights = weights[order]
    mixed = _mix(modes, clouds, weights, samples=samples, generator=generator)
    goodness = judge(modes[0], measurement, data, model=model)
    warnings += _warn(modes, clouds, weights, goodness=goodness, mixed=mixed)
    noise = float(np.sqrt(modes[0].variance))
    return Posterior(mixed, modes, clouds, weights, goodness, noise, warnings, measurement)


def _mix(
    modes: list[Mode],
    clouds: list[Cloud],
    weights: np.ndarray,
    *,
    samples: int,
    generator: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Return samples of all modes in proportion to their weights, in random order."""
    counts = generator.multinomial(samples, weights)
    points = np.concatenate([c.points[:n, :4] for c, n in zip(clouds, counts, strict=True)])
    number = np.repeat(np.arange(len(modes)), counts)
    order = generator.permutation(samples)
    points, number = points[order], number[order]
    twist, exchange = np.exp(points[:, 0]), np.exp(points[:, 1])
    return {
        "twist_angle_deg": twist,
        "exchange_mev": exchange,
        "anisotropy_mev": points[:, 2],
        "scaled_exchange_mev_deg2": exchange * twist**2,
        "rotation_deg": np.degrees(points[:, 3]) % 120,
        "branch": np.array([mode.branch for mode in modes])[number],
        "mode": number,
    }


def _without_texture(
    measurement: Measurement,
    known: Knowledge,
    model: Textures,
    *,
    samples: int,
    generator: np.random.Generator,
) -> Posterior:
    """Return what the image of a ferromagnet says, if it is one.

    Raises:
        ValueError: if the image need not be that of a ferromagnet.
    """
    sentence = "the image has no moire period in the range of --twist-deg that stands out of noise"
    if known.units != "spin" or known.channel == "stray-field":
        raise ValueError(
            f"{sentence}; a ferromagnet would look like this, but only --units spin of a layer can"
            " tell it from an empty image"
        )
    values = measurement.images[measurement.seen > 0]
    spread = values.std()
    if abs(abs(values.mean()) - 1) > UNIFORM + 5 * spread / np.sqrt(len(values)):
        raise ValueError(
            f"{sentence}, and its mean {values.mean():.3g} is not the 1 or -1 of a ferromagnet"
        )
    drawn = []
    # A range without a ferromagnet must not loop for ever.
    for _ in range(50):
        ranges = np.array([known.twist_deg, known.exchange_mev, known.anisotropy_mev])
        points = ranges[:, 0] + np.ptp(ranges, axis=1) * generator.random((samples, 3))
        drawn.append(points[np.asarray(model.energies(tuple(points.T))).min(axis=1) >= 0])
        if sum(map(len, drawn)) >= samples:
            break
    points = np.concatenate(drawn)[:samples]
    if len(points) < samples:
        raise ValueError(
            "the image is that of a ferromagnet, which is not the ground state anywhere in the"
            " ranges of theta, J and D"
        )
    twist, exchange, anisotropy = points.T
    mixed = {
        "twist_angle_deg": twist,
        "exchange_mev": exchange,
        "anisotropy_mev": anisotropy,
        "scaled_exchange_mev_deg2": exchange * twist**2,
        "rotation_deg": np.full(samples, np.nan),
        "branch": np.full(samples, -1),
        "mode": np.full(samples, -1),
    }
    warning = (
        "The image is uniform: it says that J and D lie where the ferromagnet is the ground state,"
        " or so near that the texture is fainter than the noise, and nothing else. The numbers are"
        " those of the ranges that were allowed, where the ferromagnet is the ground state."
    )
    none = np.zeros(0)
    return Posterior(mixed, [], [], none, None, float(spread), [warning], measurement)


def _warn(
    modes: list[Mode],
    clouds: list[Cloud],
    weights: np.ndarray,
    *,
    goodness: Goodness,
    mixed: dict[str, np.ndarray],
) -> list[str]:
    """Return sentences on what a reader of the numbers must know."""
    found = []
    if goodness.p_value < LOW_GOODNESS:
        cause = (
            "another periodic texture fits better: domains split between the layers or pinned,"
            " another stacking energy, strain, or a wrong resolution, height or channel"
            if goodness.periodic < goodness.white
            else "the noise is not white, or the image holds more than one moire lattice"
        )
        found.append(
            f"The model does not explain the image (p = {goodness.p_value:.2g}): {cause}."
            " Do not trust the numbers."
        )
    likely = [n for n in range(len(modes)) if weights[n] > 0.01]
    branches = {modes[n].branch for n in likely}
    if len(branches) > 1:
        shares = ", ".join(
            f"{BRANCHES[branch]} {np.mean(mixed['branch'] == branch):.0%}"
            for branch in sorted(branches)
        )
        found.append(f"The image fits textures of both phases: {shares}.")
    points = np.array([modes[n].point[:3] for n in likely])
    errors = np.sqrt(np.diag(clouds[0].covariance)[:3])
    if len(likely) > 1 and np.any(np.ptp(points, axis=0) > 3 * errors):
        found.append(
            f"The posterior has {len(likely)} separate modes: read the samples, not mean and"
            " standard deviation."
        )
    if any(clouds[n].cut for n in likely):
        found.append(
            "The range of J or D cuts the posterior off: the interval is that of the range."
        )
    bound = np.sqrt(np.diag(clouds[0].covariance))[:3]
    if np.any(clouds[0].model_error[:3] > bound):
        found.append(
            "The noise is so low that the error of the texture model dominates the error bars; it"
            " is part of them."
        )
    return found


def summarise(posterior: Posterior) -> dict:
    """Return the numbers that are printed: means, deviations, intervals, phases, warnings."""
    numbers: dict = {}
    for name in PARAMETERS:
        values = posterior.samples[name]
        numbers[name] = {
            "mean": float(values.mean()),
            "std": float(values.std()),
            "interval95": [float(edge) for edge in np.quantile(values, [0.025, 0.975])],
        }
    branch = posterior.samples["branch"]
    names = {"FM": -1} | {name: number for number, name in enumerate(BRANCHES)}
    numbers["phase"] = {name: float(np.mean(branch == n)) for name, n in names.items()}
    rotation = posterior.samples["rotation_deg"]
    first = rotation[posterior.samples["mode"] == 0]
    numbers["rotation_deg"] = float(np.median(first)) if len(first) else None
    numbers["noise_std"] = posterior.noise_std
    numbers["goodness_of_fit"] = posterior.goodness.p_value if posterior.goodness else None
    numbers["modes"] = [
        {
            "phase": BRANCHES[mode.branch],
            "probability": float(weight),
            "twist_angle_deg": float(np.exp(mode.point[0])),
            "exchange_mev": float(np.exp(mode.point[1])),
            "anisotropy_mev": float(mode.point[2]),
            "mirrored": bool(mode.copy.mirrored < 0),
            "layers_swapped": bool(mode.copy.swapped > 0),
            "gain": mode.gain * float(mode.copy.sign),
            "model_error_std": [float(value) for value in cloud.model_error[:3]],
        }
        for mode, cloud, weight in zip(
            posterior.modes, posterior.clouds, posterior.weights, strict=True
        )
    ]
    numbers["warnings"] = posterior.warnings
    return numbers
