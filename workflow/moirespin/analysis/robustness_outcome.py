"""What the tests of ground states found: winners that came back, and what random starts miss."""

import numpy as np
import pandas as pd
import xarray as xr


def challenge_outcome(tested: xr.Dataset, degeneracy_mev: float) -> pd.DataFrame:
    """Return one row per twist angle: winners that came back, and what random starts found.

    Args:
        tested: schema `challenge`.
        degeneracy_mev: energies closer than this belong to degenerate states.
    """
    rows = []
    for index in np.unique(tested["twist_index"].values):
        own = tested.isel(set=tested["twist_index"].values == index)
        tilted, random = own["excess"].values[:, 0], own["excess"].values[:, 1:]
        row = {
            "twist_index": int(index),
            "twist_angle_deg": float(own["twist_angle"][0]),
            "sets": own.sizes["set"],
            "came_back": int(np.sum(np.abs(tilted) <= degeneracy_mev)),
            "tilted_lowest_mev": float(np.nanmin(tilted)),
            "trials_not_converged": int(np.sum(own["trial_converged"].values == 0)),
            "random_starts": random.shape[1],
        }
        if random.shape[1]:
            best = np.nanmin(random, axis=1)
            row |= {
                "random_missed": int(np.sum(best > degeneracy_mev)),
                "random_missed_by_mev": float(max(best.max(), 0)),
                "random_below_winner": int(np.sum(best < -degeneracy_mev)),
                "random_lowest_mev": float(best.min()),
            }
        rows.append(row)
    return pd.DataFrame(rows)


def misses(excess: np.ndarray, degeneracy_mev: float, tries: int) -> np.ndarray:
    """Return the chance (set,) that the best of `tries` random starts is not the ground state.

    Averaged over all choices of `tries` among the random starts (set, start) that were relaxed;
    the ground state is the lowest that any start found.
    """
    lowest = np.minimum(np.nanmin(excess, axis=1, initial=np.inf), 0)
    missed = np.sum(~(excess <= lowest[:, None] + degeneracy_mev), axis=1)
    picked = np.arange(tries)
    return np.prod(np.clip(missed[:, None] - picked, 0, None) / (excess.shape[1] - picked), axis=1)
