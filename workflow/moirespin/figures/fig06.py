"""Figure 6: error of each normalised parameter along the distance to the phase boundaries."""

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from moirespin.figures import panels, style
from moirespin.io import netcdf


def draw(profiles: xr.Dataset) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 6 from a dataset of schema `profiles` with the quantities of the regression.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=3.8)
    # One scale per column sets the two boundaries side by side.
    axes = figure.subplots(2, 3, sharey="col")
    tables = []
    for row, boundary in enumerate(netcdf.BOUNDARIES):
        for column, parameter in enumerate(netcdf.PARAMETERS):
            panel = "abcdef"[3 * row + column]
            tables.append(
                panels.draw_profile(
                    axes[row, column],
                    profiles,
                    boundary,
                    quantity=f"mae_{parameter}",
                    panel=panel,
                    color=style.PARAMETER_COLORS[parameter],
                )
            )
            panels.draw_counts(
                axes[row, column], profiles, boundary, counts="count", label=column == 2
            )
            axes[row, column].set_ylabel(f"MAE of normalised {style.SYMBOLS[parameter]}")
            style.letter(axes[row, column], panel)
    return figure, pd.concat(tables)
