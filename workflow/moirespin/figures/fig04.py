"""Figure 4: error of each normalised parameter along each parameter."""

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from moirespin.figures import panels, style
from moirespin.io import netcdf


def draw(profiles: xr.Dataset) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 4 from a dataset of schema `profiles` with the quantities of the regression.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=5.2)
    # One scale per row shows along which parameter an error varies.
    axes = figure.subplots(3, 3, sharey="row", sharex="col")
    tables = []
    for row, estimated in enumerate(netcdf.PARAMETERS):
        for column, along in enumerate(netcdf.PARAMETERS):
            panel = "abcdefghi"[3 * row + column]
            tables.append(
                panels.draw_profile(
                    axes[row, column],
                    profiles,
                    along,
                    quantity=f"mae_{estimated}",
                    panel=panel,
                    color=style.PARAMETER_COLORS[estimated],
                )
            )
            panels.draw_counts(
                axes[row, column], profiles, along, counts="training_count", label=column == 2
            )
            style.letter(axes[row, column], panel)
        axes[row, 0].set_ylabel(f"MAE of normalised {style.SYMBOLS[estimated]}")
    for inner in axes[:-1].flat:
        inner.set_xlabel("")
    return figure, pd.concat(tables)
