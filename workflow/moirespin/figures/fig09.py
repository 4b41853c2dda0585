"""Figure 9: error of generated images along the distance to the phase boundaries."""

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from moirespin.figures import panels, style
from moirespin.io import netcdf


def draw(profiles: xr.Dataset) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 9 from a dataset of schema `profiles` with the quantities of the generator.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=2.8)
    axes = figure.subplots(1, 2, sharey=True)
    tables = []
    for column, boundary in enumerate(netcdf.BOUNDARIES):
        panel = "ab"[column]
        tables.append(panels.draw_image_mae(axes[column], profiles, boundary, panel=panel))
        panels.draw_counts(axes[column], profiles, boundary, counts="count", label=column == 1)
        style.letter(axes[column], panel)
    axes[0].set_ylabel("MAE of $S^z$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure, pd.concat(tables)
