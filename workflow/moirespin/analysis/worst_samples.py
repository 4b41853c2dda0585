"""The test samples with the largest errors: what they are, and what may have caused the errors.

Axes:
    sample: test samples, in the order of the dataset.
"""

import numpy as np
import pandas as pd
import xarray as xr
from scipy.spatial import cKDTree

from moirespin.io import packed_images
from moirespin.io.netcdf import BOUNDARIES, PARAMETERS, PHASES, SPLITS
from moirespin.learning.metrics import percentage_error
from moirespin.states.parameter_space import SYMBOLS, Ranges, normalise

# What counts as a cause of a large error is our choice.
# An image has hardly any contrast if S^z deviates by less than this in both of its layers.
SMALL_CONTRAST = 0.05
# The nearest training sample is far if its distance exceeds this many medians of all distances.
FAR = 2.0
# The image changes fast if it differs from that of the nearest training sample by more than this
# many medians of all differences.
FAST = 3.0
# A parameter is small, and its percentage error large, in this lowest share of its range.
SMALL_SHARE = 0.1
# In the summary the worst samples are this share of the test samples.
WORST_SHARE = 0.05


def tabulate_worst(
    samples: xr.Dataset,
    phase_diagram: xr.Dataset,
    regression: xr.Dataset,
    *,
    joint: xr.Dataset,
    generator: xr.Dataset,
    ranges: Ranges,
    count: int,
) -> pd.DataFrame:
    """Return the table of `list_worst` from what a run has written.

    Args:
        samples: schema `dataset`; images are read a few at a time.
        phase_diagram: schema `phase_diagram`.
        regression: schema `regression_scores`, of the paper's networks.
        joint: schema `parameter_predictions`, of the joint network.
        generator: schema `generator_scores`.
        ranges: limits of the sampled box.
        count: samples of each task.
    """
    described = describe(samples, ranges)
    errors, causes = measure_errors(regression, joint, generator), find_causes(described, ranges)
    return list_worst(described, errors, causes, phase_diagram=phase_diagram, count=count)


def tabulate_causes(
    samples: xr.Dataset,
    regression: xr.Dataset,
    joint: xr.Dataset,
    *,
    generator: xr.Dataset,
    ranges: Ranges,
) -> pd.DataFrame:
    """Return the table of `summarise_causes`; arguments as of `tabulate_worst`."""
    causes = find_causes(describe(samples, ranges), ranges)
    return summarise_causes(measure_errors(regression, joint, generator), causes)


def describe(samples: xr.Dataset, ranges: Ranges) -> pd.DataFrame:
    """Return what each test sample is, and how it differs from its nearest training sample.

    Args:
        samples: schema `dataset`, from `packed_images.opened`; images are read a few at a time.
        ranges: limits of the sampled box, which scale the distance between parameters.

    Returns:
        One row per test sample: `twist_index`, `set_number`, the parameters, `phase`, `contrast`
        (largest standard deviation of S^z of a layer), and of the nearest training sample
        `neighbour_distance` (in medians over the rows), `neighbour_difference` (mean |difference|
        of S^z, in medians over the rows), `neighbour_phase` and `neighbour_row` in the dataset.

    Raises:
        ValueError: if the images fail their checksum.
    """
    true = np.stack([samples[name].values for name in PARAMETERS], axis=1)
    split, places = samples["split"].values, normalise(true, ranges)
    tested = np.flatnonzero(split == SPLITS.index("test"))
    trained = np.flatnonzero(split == SPLITS.index("train"))
    distance, nearest = cKDTree(places[trained]).query(places[tested])
    nearest = trained[nearest]
    contrasts, differences = [], []
    for rows in packed_images.batches(len(tested)):
        images, others = (_images(samples, chosen[rows]) for chosen in (tested, nearest))
        contrasts.append(images.std(axis=(2, 3)).max(axis=1))
        differences.append(np.abs(images - others).mean(axis=(1, 2, 3)))
    names = np.array(PHASES)
    of_phase = samples["phase"].values
    columns = {name: samples[name].values[tested] for name in ("twist_index", "set_number")}
    columns |= dict(zip(PARAMETERS, true[tested].T, strict=True))
    columns |= {
        "phase": names[of_phase[tested]],
        "contrast": np.concatenate(contrasts),
        "neighbour_distance": _in_medians(distance),
        "neighbour_difference": _in_medians(np.concatenate(differences)),
        "neighbour_phase": names[of_phase[nearest]],
        "neighbour_row": nearest,
    }
    return pd.DataFrame(columns)


def _images(samples: xr.Dataset, rows: np.ndarray) -> np.ndarray:
    """Return images of rows in any order; a file reads sorted rows, each once."""
    sorted_rows, places = np.unique(rows, return_inverse=True)
    return packed_images.unpack(packed_images.load(samples["image"].isel(sample=sorted_rows)))[
        places
    ]


def _in_medians(values: np.ndarray) -> np.ndarray:
    median = np.median(values)
    return values / (median if median > 0 else 1)


def measure_errors(
    regression: xr.Dataset, joint: xr.Dataset, generator: xr.Dataset
) -> pd.DataFrame:
    """Return the error of each test sample in each task.

    Args:
        regression: schema `regression_scores`, of the paper's networks.
        joint: schema `parameter_predictions`, of the joint network.
        generator: schema `generator_scores`.

    Returns:
        `twist_index` and `set_number`; percentage errors `theta`, `J`, `D` and those of the joint
        network, `joint_theta`, ...; `images`: MAE of S^z, mean over layers. Also the distance to
        each phase boundary, eq. (3).

    Raises:
        ValueError: if the three are not of the same samples.
    """
    for other in (joint, generator):
        for name in ("twist_index", "set_number"):
            if not np.array_equal(regression[name], other[name]):
                raise ValueError("the scores are of other samples: run snakemake again")
    columns = {name: regression[name].values for name in ("twist_index", "set_number")}
    better = percentage_error(joint["predicted"], joint["true"])
    for name, symbol in SYMBOLS.items():
        columns[symbol] = regression["percentage_error"].sel(parameter=name).values
        columns[f"joint_{symbol}"] = better.sel(parameter=name).values
    columns["images"] = generator["mae"].mean("layer").values
    for boundary in BOUNDARIES:
        distance = regression["distance"].sel(boundary=boundary).values
        columns[f"distance_{boundary.lower().replace('-', '_')}"] = distance
    return pd.DataFrame(columns)


def find_causes(described: pd.DataFrame, ranges: Ranges) -> pd.DataFrame:
    """Return which causes (columns, in words) apply to each row of `describe`."""
    places = normalise(described[list(PARAMETERS)].to_numpy(), ranges)
    small = {
        f"small {symbol}": places[:, column] < SMALL_SHARE
        for column, symbol in enumerate(SYMBOLS.values())
        if symbol != "theta"
    }
    causes = {
        "hardly any contrast": described["contrast"] < SMALL_CONTRAST,
        "next to another phase": described["phase"] != described["neighbour_phase"],
        "few training samples near": described["neighbour_distance"] > FAR,
        "image changes fast": described["neighbour_difference"] > FAST,
    }
    return pd.DataFrame(causes | small)


def list_worst(
    described: pd.DataFrame,
    errors: pd.DataFrame,
    causes: pd.DataFrame,
    *,
    phase_diagram: xr.Dataset,
    count: int,
) -> pd.DataFrame:
    """Return the `count` samples with the largest error of each task.

    Args:
        described: table of `describe`.
        errors: table of `measure_errors`.
        causes: table of `find_causes`.
        phase_diagram: schema `phase_diagram`; gives how each state was found.
        count: samples of each task.

    Returns:
        Rows of `described` with the `task` (theta, J, D, images), its `rank`, `error` (percent, or
        MAE of S^z), `joint_error`, the distances to the phase boundaries, the `winner` among the
        starts, `gap_to_runner_up_mev`, `max_torque_mev`, and the `causes` in words.

    Raises:
        ValueError: if errors and descriptions are of other samples.
    """
    names = ["twist_index", "set_number"]
    if not described[names].equals(errors[names]):
        raise ValueError("the errors are of other samples than the dataset: run snakemake again")
    tables = []
    for task in (*SYMBOLS.values(), "images"):
        worst = errors[task].sort_values(ascending=False, kind="stable").index[:count]
        table = described.loc[worst].copy()
        table.insert(0, "task", task)
        table.insert(1, "rank", np.arange(1, len(worst) + 1))
        table["error"] = errors.loc[worst, task]
        table["joint_error"] = errors[f"joint_{task}"] if task != "images" else np.nan
        for name in errors.columns[errors.columns.str.startswith("distance_")]:
            table[name] = errors.loc[worst, name]
        found = causes.loc[worst]
        table["causes"] = [
            "; ".join(found.columns[row]) or "none of those named" for row in found.to_numpy()
        ]
        tables.append(table)
    listed = pd.concat(tables, ignore_index=True)
    states = phase_diagram[["winner", "gap_to_runner_up", "max_torque"]].to_dataframe()
    states = states.reset_index(drop=True)[["winner", "gap_to_runner_up", "max_torque"]]
    states["winner"] = phase_diagram["start"].values[states["winner"]]
    for name in ("twist_index", "set_number"):
        states[name] = phase_diagram[name].values
    states = states.rename(
        columns=lambda name: f"{name}_mev" if name[:3] in ("gap", "max") else name
    )
    return listed.merge(states, on=["twist_index", "set_number"], how="left", validate="m:1")


def summarise_causes(errors: pd.DataFrame, causes: pd.DataFrame) -> pd.DataFrame:
    """Return how often each cause applies to all test samples and to the worst of each task.

    Returns:
        One row per cause and a last one, "none of those named": `share_of_all` test samples in
        percent, and for each task `share_of_worst_<task>` of the 5 % with the largest errors and
        `mean_error_<task>` where the cause applies.
    """
    number = max(1, round(WORST_SHARE * len(errors)))
    causes = causes.assign(**{"none of those named": ~causes.any(axis=1)})
    tasks = (*SYMBOLS.values(), "images")
    worst = {task: errors[task].nlargest(number).index for task in tasks}
    rows = []
    for name in causes.columns:
        row = {"cause": name, "share_of_all": 100 * causes[name].mean()}
        for task in tasks:
            row[f"share_of_worst_{task}"] = 100 * causes.loc[worst[task], name].mean()
            row[f"mean_error_{task}"] = errors.loc[causes[name], task].mean()
        rows.append(row)
    return pd.DataFrame(rows)
