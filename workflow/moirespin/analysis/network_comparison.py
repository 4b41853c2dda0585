"""The errors of the joint network beside those of the paper's networks."""

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.io import netcdf
from moirespin.learning.metrics import percentage_error


def compare_networks(paper: xr.Dataset, joint: xr.Dataset) -> pd.DataFrame:
    """Return the errors of the paper's networks and of the joint one beside each other.

    Args:
        paper: schema `parameter_predictions`, from the paper's networks.
        joint: the same, from the joint network.

    Returns:
        One row for each parameter and group of test samples: `samples`, MAPE in percent of both,
        their `ratio`, joint over paper, and the `difference` of the MAPEs with its standard error,
        taken sample by sample.

    Raises:
        ValueError: if the two are not of the same samples.
    """
    if not np.array_equal(paper["true"], joint["true"]):
        raise ValueError("the two predictions are of other samples: run snakemake again")
    errors = [
        percentage_error(own["predicted"].values, own["true"].values) for own in (paper, joint)
    ]
    phase = paper["phase"].values
    groups = {"all": np.full(len(phase), True)}
    groups |= {name: phase == netcdf.PHASES.index(name) for name in ("NCD", "MD")}
    rows = []
    for column, parameter in enumerate(netcdf.PARAMETERS):
        for group, chosen in groups.items():
            one, other = (pd.Series(error[chosen, column]) for error in errors)
            rows.append(
                {"parameter": parameter, "group": group, "samples": len(one)}
                | {"paper_mape": one.mean(), "joint_mape": other.mean()}
                | {"ratio": other.mean() / one.mean(), "difference": (other - one).mean()}
                | {"difference_error": (other - one).sem()}
            )
    return pd.DataFrame(rows)
