"""A small box, its phase lines and a resampling, shared by the tests of the analysis."""

import numpy as np

import mocks
from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.material import INTERLAYER, LATTICE, RunMaterial
from moirespin.analysis.regression_summary import CrI3Window, Near
from moirespin.io import netcdf
from moirespin.io.schemas.states import PHASE_LINES
from moirespin.learning.prediction import score_snr
from moirespin.states.parameter_space import Ranges

RANGES = Ranges(twist_angle=(1.0, 4.0), exchange=(1.0, 10.0), anisotropy=(0.0, 0.3))
WINDOW = CrI3Window(
    exchange_mev=2.0,
    anisotropy_mev=0.2,
    exchange_half_width_mev=0.5,
    anisotropy_half_width_mev=0.05,
)
NEAR = Near(WINDOW, bins=10, ranges=RANGES)
RESAMPLING = Resampling(samples=200, seed=0)
PAPERS = RunMaterial(LATTICE, INTERLAYER)
ANOTHERS = RunMaterial(LATTICE | {"lattice_constant_nm": 0.4}, INTERLAYER)


def make_lines(domain_line=4.0):
    """Return boundaries that are planes: D = 0.15 meV and J = `domain_line` meV."""
    lines = mocks.dataset(PHASE_LINES, twist=3, exchange_point=4, anisotropy_point=2)
    lines["twist_angle"][:], lines["line_exchange"][:] = [1, 2, 4], [1, 4, 7, 10]
    lines["line_anisotropy"][:] = [0, 0.3]
    lines["fm_line"][:], lines["domain_line"][:] = 0.15, domain_line
    return lines


def score_noise(true, predicted, levels_db):
    """Return `snr_scores` of images of unit power and a contrast of a hundredth of it."""
    ones = np.ones(len(true))
    return score_snr(true, predicted, levels_db, signal=ones, contrast=0.01 * ones)


def draw_box(count, seed=0):
    lower, upper = np.transpose(RANGES)
    return np.random.default_rng(seed).uniform(lower, upper, (count, 3))


def set_parameters(samples, values):
    """Write `values` (sample, parameter) into the coordinates of a dataset."""
    columns = dict(zip(netcdf.PARAMETERS, values.T, strict=True))
    return samples.assign_coords(
        {name: samples[name].copy(data=column) for name, column in columns.items()}
    )
