"""Figures drawn from random files, and what is found in them, for the tests of all figures."""

import numpy as np

import mocks
from moirespin.analysis.noise_bounds import compare_with_bound
from moirespin.figures import (
    error_directions,
    fig03,
    fig04,
    fig05,
    fig06,
    fig07,
    fig08,
    fig09,
    fig10,
    fig11,
    style,
)
from moirespin.io import netcdf
from moirespin.io.schemas.beyond import ERROR_ALIGNMENT, FISHER, SAMPLE_INFORMATION
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.scores import (
    ERROR_PCA,
    GENERATOR_SCORES,
    PROFILES,
    REGRESSION_SCORES,
    SNR_SCORES,
)
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES
from moirespin.learning.metrics import percentage_error
from moirespin.states.parameter_space import Ranges

BINS = 4
REGRESSION = [f"{kind}_{name}" for kind in ("mae", "mape") for name in netcdf.PARAMETERS]
GENERATOR = ["image_mae", "image_mae_ncd", "image_mae_md"]
GENERATOR += ["magnetization_mae", "magnetization_mape"]
# Of small networks.
REGRESSOR_SHAPE = {"pixels": 5, "first": 6, "features": 7, "third": 9}
GENERATOR_SHAPE = {"pixels": 5, "first": 6, "second": 7, "input_scale": [8.0, 2.0, 3.0]}


def make_profiles(quantities):
    axes = [*netcdf.PARAMETERS, *netcdf.BOUNDARIES]
    profiles = mocks.dataset(PROFILES, axis=len(axes), bin=BINS, quantity=len(quantities))
    profiles["lower"][:] = np.arange(BINS)
    profiles["upper"][:] = np.arange(BINS) + 1
    for name in ("mean", "standard_error"):
        profiles[name] = np.abs(profiles[name])
    return profiles.assign_coords(axis=axes, quantity=quantities)


def make_pca(component, variances=(0.7, 0.2, 0.1)):
    component = np.array(component, dtype=float)
    return netcdf.make(
        ERROR_PCA,
        {
            "covariance": np.einsum("r,ri,rj->ij", variances, component, component),
            "component": component,
            "variance_ratio": variances,
            "ratio_lower": np.subtract(variances, 0.05),
            "ratio_upper": np.add(variances, 0.05),
            "mean_error": np.zeros(3),
            "trimmed_ratio": variances,
            "trimmed_component": component,
        },
    )


def make_diagram(samples):
    diagram = mocks.dataset(PHASE_DIAGRAM, set=samples, start=2)
    return diagram.assign_coords(twist_index=("set", 8 + np.arange(samples) % 2))


def make_lines():
    sizes = {"twist": 2, "exchange_point": 3, "anisotropy_point": 5}
    lines = mocks.dataset(PHASE_LINES, **sizes)
    return lines.assign_coords(twist_index=("twist", [8, 9]))


def make_fisher():
    """Return states of two angles, one of them without information."""
    found = abs(mocks.dataset(FISHER, twist=2, exchange_point=3, anisotropy_point=2))
    found = found.assign_coords(twist_index=("twist", [8, 9])).assign_attrs(snr_db=20.0)
    found["phase"][0, 0, 0] = 0
    for name in ("weak_bound", "strong_bound", "weak_direction", "bound", "information"):
        found[name][0, 0, 0] = np.nan
    found["weak_bound"] += found["strong_bound"]
    return found


def make_alignment(samples):
    groups = ["all", "NCD", "MD"]
    return mocks.dataset(ERROR_ALIGNMENT, sample=samples, group=3).assign_coords(group=groups)


def make_noise(samples, levels):
    """Return noisy estimates and their table beside the bound."""
    ranges = Ranges((0.5, 5.0), (0.5, 5.0), (0.5, 5.0))
    scores = mocks.dataset(SNR_SCORES, sample=samples, snr=levels).pipe(abs)
    scores["mape"] = percentage_error(scores["predicted"], scores["true"]).mean("sample")
    information = mocks.dataset(SAMPLE_INFORMATION, sample=samples).assign_attrs(snr_db=20.0)
    information["information"][:] = 1e3 * np.eye(3)
    return scores, compare_with_bound(scores, scores, information, ranges=ranges)


def draw(name, samples=20):
    regression = mocks.dataset(REGRESSION_SCORES, sample=samples)
    drawings = {
        "fig03": lambda: fig03.draw(regression, make_profiles(REGRESSION)),
        "fig04": lambda: fig04.draw(make_profiles(REGRESSION)),
        "fig05": lambda: fig05.draw(regression, make_pca(np.eye(3)[::-1])),
        "fig06": lambda: fig06.draw(make_profiles(REGRESSION)),
        "fig07": lambda: fig07.draw(*make_noise(samples, levels=3), snr_db=[40, -10]),
        "fig08": lambda: fig08.draw(
            mocks.dataset(IMAGE_PREDICTIONS, sample=samples, y=6, x=6),
            mocks.dataset(GENERATOR_SCORES, sample=samples),
            make_profiles(GENERATOR),
        ),
        "fig09": lambda: fig09.draw(make_profiles(GENERATOR)),
        "fig10": lambda: fig10.draw(make_profiles(GENERATOR)),
        "fig11": lambda: fig11.draw(make_diagram(samples), make_lines(), twist_indices=[8, 9, 30]),
        "error_directions": lambda: error_directions.draw(
            make_fisher(), make_alignment(samples), make_lines()
        ),
    }
    return drawings[name]()


def find_panel(figure, name):
    return next(axes for axes in figure.axes if axes.get_title("left") == f"({name})")


def drawn_means(axes):
    return [container.lines[0].get_ydata() for container in axes.containers]


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


# Rows of the table of readings.
READINGS = 60


def is_drawn(figure, tmp_path):
    style.save_picture(figure, tmp_path / "figure.png")
    return (tmp_path / "figure.png").stat().st_size > 10_000
