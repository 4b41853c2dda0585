"""Figure 10: error of the averaged magnetisation of generated images."""

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from moirespin.figures import panels, style
from moirespin.io import netcdf


def draw(profiles: xr.Dataset) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 10 from a dataset of schema `profiles` with the quantities of the generator.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=4.0)
    axes = figure.subplot_mosaic("aabbcc;dddeee")
    along = dict(zip("abcde", netcdf.PARAMETERS + netcdf.BOUNDARIES, strict=True))
    tables = []
    for panel, axis in along.items():
        parameter = axis in netcdf.PARAMETERS
        tables.append(
            panels.draw_profile(
                axes[panel],
                profiles,
                axis,
                quantity="magnetization_mape" if parameter else "magnetization_mae",
                panel=panel,
                color=style.PARAMETER_COLORS[axis] if parameter else style.NEUTRAL_COLOR,
            )
        )
        panels.draw_counts(axes[panel], profiles, axis, counts="count", label=panel in "ce")
        axes[panel].set_ylabel("MAPE of magnetisation (%)" if parameter else "MAE of magnetisation")
        style.letter(axes[panel], panel)
    return figure, pd.concat(tables)
