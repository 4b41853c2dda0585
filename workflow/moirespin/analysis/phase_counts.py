"""How often each phase occurs at each twist angle."""

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.io.netcdf import PHASES, UNDETERMINED


def phase_shares(phase_diagram: xr.Dataset) -> pd.DataFrame:
    """Return how many sets of each twist angle are in each phase, and of all angles together.

    Args:
        phase_diagram: schema `phase_diagram`.

    Returns:
        One row per twist index and a last one, `all`: `sets`, the number of `fm`, `ncd`, `md` and
        `undetermined` sets, their shares of all sets, and the number of sets `not_converged`.
    """
    index, phase = phase_diagram["twist_index"].values, phase_diagram["phase"].values
    converged = phase_diagram["converged"].values == 1
    codes = {name.lower(): code for code, name in enumerate(PHASES)}
    codes["undetermined"] = UNDETERMINED
    rows = []
    for label in [*np.unique(index), "all"]:
        chosen = index == label if label != "all" else np.ones(len(index), dtype=bool)
        counts = {name: np.sum(phase[chosen] == code) for name, code in codes.items()}
        sets = chosen.sum()
        shares = {f"{name}_share": count / sets for name, count in counts.items()}
        unfinished = {"not_converged": np.sum(chosen & ~converged)}
        rows.append({"twist_index": label, "sets": sets} | counts | shares | unfinished)
    return pd.DataFrame(rows)
