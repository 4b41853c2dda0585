"""The exchange scale lambda from the paper's share of ferromagnetic sets.

The paper keeps 17,292 of 23,000 sets as non-ferromagnetic; it does not give the scale of its
interlayer exchange. With J and D uniform in the box and m uniform, the share of ferromagnets is
the mean length of the D interval above the stability limit D_c: an integral, without statistical
error. Since lambda H(J / lambda, D / lambda; 1) = H(J, D; lambda), the limit need be known for
lambda = 1 only: D_c(J; lambda) = lambda D_c(J / lambda; 1).

ASSUME: domain states do not reach beyond the stability limit inside the box; the phase diagram's
own count of ferromagnets checks it.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import scipy.interpolate
import scipy.optimize

from moirespin.states.parameter_space import Box
from moirespin.states.phase_lines import critical_anisotropy
from moirespin.states.settings import Material, build_model

Limit = Callable[[np.ndarray], np.ndarray]

PUBLISHED_SHARE = 1 - 17_292 / 23_000
SCALES = (0.7, 1.6)
# D_c is smooth in log J: twice as many points change the share by less than 0.001 %.
EXCHANGE_POINTS = 12
QUADRATURE_POINTS = 2001


def unit_limits(
    twist_indices: list[int], material: Material, exchange_mev: tuple[float, float]
) -> list[Limit]:
    """Return, for each m, the limit D_c(J) at lambda = 1 as a function of J (meV).

    Args:
        twist_indices: commensurate indices m.
        material: the layers and what couples them; its scale is not used.
        exchange_mev: range of J in which the limit is asked for at any lambda of SCALES.
    """
    lowest, highest = exchange_mev[0] / SCALES[1], exchange_mev[1] / SCALES[0]
    unscaled = material._replace(interlayer=material.interlayer._replace(scale=1.0))
    nodes = np.geomspace(lowest, highest, EXCHANGE_POINTS)

    def limit(m: int) -> Limit:
        _, couplings = build_model(m, unscaled)
        values = critical_anisotropy(couplings, nodes)
        spline = scipy.interpolate.CubicSpline(np.log(nodes), values)
        return lambda exchange_mev: spline(np.log(exchange_mev))

    return [limit(m) for m in twist_indices]


def ferromagnetic_share(scale: float, limits: list[Limit], box: Box) -> float:
    """Return the share of the box in which the ferromagnet is stable, averaged over m."""
    lower, upper = box.anisotropy_mev
    edges = np.linspace(*box.exchange_mev, num=QUADRATURE_POINTS)
    exchange = 0.5 * (edges[1:] + edges[:-1])
    shares = [
        np.mean(np.clip((upper - scale * limit(exchange / scale)) / (upper - lower), 0, 1))
        for limit in limits
    ]
    return float(np.mean(shares))


def fit_scale(limits: list[Limit], box: Box, share: float = PUBLISHED_SHARE) -> float:
    """Return lambda at which `share` of the box is ferromagnetic.

    Raises:
        ValueError: if no scale between 0.7 and 1.6 gives that share.
    """

    def excess(scale: float) -> float:
        return ferromagnetic_share(scale, limits, box) - share

    if excess(SCALES[0]) * excess(SCALES[1]) > 0:
        raise ValueError(f"no interlayer.scale in {SCALES} gives a ferromagnetic share of {share}")
    return float(scipy.optimize.brentq(excess, *SCALES, xtol=1e-6))


def tabulate_scale(twist_indices: list[int], material: Material, box: Box) -> pd.DataFrame:
    """Return a table of the ferromagnetic share against lambda, the fitted one marked.

    Args:
        twist_indices: commensurate indices m.
        material: the layers and what couples them.
        box: ranges of J and D.
    """
    limits = unit_limits(twist_indices, material, box.exchange_mev)
    fitted = fit_scale(limits, box)
    scales = sorted([1.0, 1.1, 1.2, 1.3, material.interlayer.scale, fitted])
    rows = [
        {
            "scale": scale,
            "ferromagnetic_percent": 100 * ferromagnetic_share(scale, limits, box),
            "note": {fitted: "fitted", material.interlayer.scale: "config"}.get(scale, ""),
        }
        for scale in dict.fromkeys(scales)
    ]
    return pd.DataFrame(rows)
