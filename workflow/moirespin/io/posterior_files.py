"""The posterior of a measurement as files: samples that ArviZ reads, and a table of the numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.io.atomic import replaced

# Of posterior.nc; raised when the meaning of a variable changes.
FORMAT = 1
ABOUT = {
    "twist_angle_deg": ("degree", "twist angle"),
    "exchange_mev": ("meV", "intralayer exchange J"),
    "anisotropy_mev": ("meV", "anisotropy D"),
    "scaled_exchange_mev_deg2": ("meV degree2", "J theta^2, on which the texture depends"),
    "rotation_deg": ("degree", "turn of the moire lattice in the image, modulo 120 degrees"),
    "branch": ("1", "phase: -1 FM, 0 NCD, 1 MD"),
    "mode": ("1", "mode of the posterior that the sample belongs to, -1 for none"),
}


def write_samples(samples: dict[str, np.ndarray], path: str | Path, **attributes: Any) -> None:
    """Write samples (draw,) as the group `posterior` of a netCDF file, which ArviZ can read.

    Args:
        samples: of each parameter in ABOUT.
        path: file to write, whole or not at all.
        attributes: of the group, such as the channel.
    """
    variables = {
        name: (
            ("chain", "draw"),
            values[None],
            dict(zip(("units", "long_name"), ABOUT[name], strict=True)),
        )
        for name, values in samples.items()
    }
    draws = len(samples["mode"])
    about = {"Conventions": "CF-1.11", "title": "posterior", "format": FORMAT}
    dataset = xr.Dataset(variables, {"chain": [0], "draw": np.arange(draws)}, about | attributes)
    with replaced(path) as unfinished:
        dataset.to_netcdf(unfinished, group="posterior", engine="netcdf4")


def write_summary(numbers: dict, path: str | Path) -> None:
    """Write mean, deviation and interval of each parameter as a table.

    Args:
        numbers: what `inference.infer.summarise` returns.
        path: file to write, whole or not at all.
    """
    with replaced(path) as unfinished:
        summary_table(numbers).to_csv(unfinished, index=False, float_format="%.8g")


def summary_table(numbers: dict) -> pd.DataFrame:
    """Return mean, deviation and interval of each parameter, one row each.

    Args:
        numbers: what `inference.infer.summarise` returns.
    """
    rows = [
        {
            "parameter": name,
            "mean": found["mean"],
            "std": found["std"],
            "lower95": found["interval95"][0],
            "upper95": found["interval95"][1],
        }
        for name, found in numbers.items()
        if isinstance(found, dict) and "interval95" in found
    ]
    return pd.DataFrame(rows)


def tabulate_readings(readings: list[dict]) -> pd.DataFrame:
    """Return what measured images say as a table, one row each.

    Args:
        readings: of each image, what is known of it, `measurement`, and what was found, `found`, as
            `inference.infer.summarise` returns it.
    """
    rows = []
    for reading in readings:
        known, found = reading["measurement"], reading["found"]
        row = {name: known[name] for name in ("name", "image", "channel", "pixel_nm")}
        for own in summary_table(found).to_dict("records"):
            name = own.pop("parameter")
            row |= {f"{name}_{key}": value for key, value in own.items()}
        likely = max(found["phase"], key=found["phase"].get)
        row |= {"phase": likely, "phase_probability": found["phase"][likely]}
        row |= {name: found[name] for name in ("rotation_deg", "noise_std", "goodness_of_fit")}
        row |= {"modes": len(found["modes"]), "warnings": " ".join(found["warnings"])}
        rows.append(row)
    # A run without images has a table all the same.
    return pd.DataFrame(rows, columns=None if rows else ["name"])
