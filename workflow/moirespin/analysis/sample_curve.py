"""Errors of the paper's networks against the number of samples that they were trained with."""

import pandas as pd
import xarray as xr

from moirespin.analysis.bootstrap import Resampling, mean_of
from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.learning.metrics import percentage_error
from moirespin.learning.networks import load_network
from moirespin.learning.prediction import apply_network
from moirespin.learning.split_parts import split_part
from moirespin.states.parameter_space import Ranges


def score_fractions(
    samples: xr.Dataset, models: dict[str, list[str]], *, ranges: Ranges, resampling: Resampling
) -> pd.DataFrame:
    """Return the errors of networks on the whole test part.

    Args:
        samples: schema `dataset`, from `packed_images.opened`.
        models: paths of the networks of each parameter, trained with more or fewer samples.
        ranges: lower and upper end of each parameter.
        resampling: of the bootstrap errors.

    Returns:
        Columns `parameter`, `training_samples` (with the validation part), `mape` in percent with
        its `error`, and `samples`, those of the test; rows in order of the training samples.
    """
    test = split_part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    tables = []
    for parameter, paths in models.items():
        rows = []
        lower, upper = getattr(ranges, parameter)
        for path in paths:
            network, _, about = load_network(
                path, "regressor", quadrants.shape[-1], ranges=ranges, target=parameter
            )
            predicted = lower + (upper - lower) * apply_network(network, quadrants)[:, 0]
            found = mean_of(percentage_error(predicted, test[parameter].values), resampling)
            rows.append(
                {"parameter": parameter, "training_samples": sum(about["samples"].values())}
                | {"mape": found.value, "error": found.error, "samples": found.samples}
            )
        tables.append(pd.DataFrame(rows).sort_values("training_samples", kind="stable"))
    return pd.concat(tables, ignore_index=True)
