"""The figures of a run: one entry each, from which rules, report, archive and tests follow.

An entry says which files a figure is drawn from and which keys of the config it takes. The module
of that name draws it: its function `draw` gets what the files hold and what the config says under
the names used here, and returns the figure and the numbers that it plots. The caption is
`workflow/report/<name>.rst`.

Imports nothing: the Snakefile imports this module in every job. A change here redraws nothing but
a figure whose files or keys change.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Figure(NamedTuple):
    """One figure.

    Attributes:
        name: of its rule, its files `figures/<name>.png`, `.pdf`, `.csv`, and its caption.
        shows: what the report lists it as.
        inputs: what `draw` gets: argument -> file in the folder of the run.
        settings: what `draw` gets from the config: argument -> dotted key, or a mapping of such.
        module: of the package `figures`; the figure's name unless given.
        by_default: whether every run has it; the others are drawn on request.
    """

    name: str
    shows: str
    inputs: Mapping[str, str]
    settings: Mapping[str, str | Mapping[str, str]] = {}
    module: str = ""
    by_default: bool = True


NETWORKS = ("twist_angle", "exchange", "anisotropy")

FIGURES: tuple[Figure, ...] = (
    Figure(
        "fig01",
        "the two tasks with a test sample",
        {
            "samples": "dataset.nc",
            "estimates": "predictions/parameters.nc",
            "images": "predictions/images.nc",
        },
    ),
    Figure(
        "fig02",
        "superlattice, exchange and the three phases",
        {"examples": "examples.nc", "exchange": "exchange_map.nc", "lines": "phase_lines.nc"},
        {
            "thresholds": "phases",
            "lattice": "lattice",
            "images": {"window_nm": "images.window_nm", "pixels": "images.pixels"},
        },
    ),
    Figure(
        "fig03",
        "estimated against true parameters",
        {"scores": "scores/regression.nc", "profiles": "scores/regression_profiles.nc"},
    ),
    Figure(
        "fig04",
        "parameter errors along the parameters",
        {"profiles": "scores/regression_profiles.nc"},
    ),
    Figure(
        "fig05",
        "principal components of the errors",
        {"scores": "scores/regression.nc", "pca": "scores/error_pca.nc"},
    ),
    Figure(
        "fig06",
        "parameter errors near the phase boundaries",
        {"profiles": "scores/regression_profiles.nc"},
    ),
    Figure(
        "fig07",
        "estimates from noisy images",
        {"scores": "scores/snr.nc", "noise": "tables/noise.csv"},
        {"snr_db": "figures.fig07.snr_db"},
    ),
    Figure(
        "fig08",
        "generated against true images",
        {
            "images": "predictions/images.nc",
            "scores": "scores/generator.nc",
            "profiles": "scores/generator_profiles.nc",
        },
    ),
    Figure(
        "fig09",
        "image error near the phase boundaries",
        {"profiles": "scores/generator_profiles.nc"},
    ),
    Figure(
        "fig10",
        "error of the averaged magnetisation",
        {"profiles": "scores/generator_profiles.nc"},
    ),
    Figure(
        "fig11",
        "order parameters and phases",
        {"diagram": "phase_diagram.nc", "lines": "phase_lines.nc"},
        {"twist_indices": "figures.fig11.twist_indices"},
    ),
    Figure(
        "fig12",
        "the regression network",
        {name: f"models/{name}.safetensors" for name in NETWORKS},
    ),
    Figure("fig13", "the generative network", {"model": "models/generator.safetensors"}),
    Figure(
        "learning_curves",
        "loss and learning rate during training",
        {name: f"models/{name}.json" for name in (*NETWORKS, "generator", "joint")},
    ),
    Figure(
        "fig_beyond_fisher",
        "why the errors of J and D are tied",
        {
            "fisher": "fisher.nc",
            "alignment": "scores/error_alignment.nc",
            "lines": "phase_lines.nc",
        },
        module="error_directions",
    ),
    Figure(
        "fig_beyond_textures",
        "the paper's generator and the texture model",
        {
            "images": "predictions/images.nc",
            "textures": "predictions/textures.nc",
            "scores": "scores/generator.nc",
            "texture_scores": "scores/textures.nc",
        },
        module="texture_images",
    ),
    Figure(
        "fig_beyond_scaling",
        "textures depend on the scaled exchange and D alone",
        {
            "lines": "phase_lines.nc",
            "diagram": "phase_diagram.nc",
            "model": "models/textures.safetensors",
        },
        module="texture_scaling",
    ),
    Figure(
        "fig_beyond_probe",
        "what each kind of probe can know of J and D",
        {"limits": "tables/probe_limits.csv"},
        {"study": "probe_limits"},
        module="probe_limits",
    ),
    Figure(
        "fig_worst",
        "test samples with the largest errors",
        {
            "worst": "tables/worst_samples.csv",
            "samples": "dataset.nc",
            "images": "predictions/images.nc",
        },
        module="worst_samples",
    ),
    Figure(
        "fig_beyond_starts",
        "random starts against structured ones",
        {"trials": "challenge.nc"},
        {"degeneracy_mev": "ground_state.degeneracy_mev"},
        module="random_starts",
        by_default=False,
    ),
    Figure(
        "fig_beyond_samples",
        "errors of estimates and of drawn images against the number of training samples",
        {
            "curve": "tables/sample_curve.csv",
            "joint": "predictions/joint.nc",
            "images": "tables/image_curve.csv",
        },
        module="sample_curve",
        by_default=False,
    ),
    Figure(
        "fig_beyond_noise",
        "networks, inference and the information bound under noise",
        {
            "paper": "scores/snr.nc",
            "paper_clean": "predictions/parameters.nc",
            "joint": "scores/snr_joint.nc",
            "joint_clean": "predictions/joint.nc",
            "readings": "tables/noise_limits.csv",
        },
        module="noise_limits",
        by_default=False,
    ),
    Figure(
        "fig_beyond_order",
        "does the transition between NCD and MD jump?",
        {"order": "tables/transition_order.csv"},
        {"threshold": "phases.domain"},
        module="transition_order",
        by_default=False,
    ),
    Figure(
        "fig_beyond_inputs",
        "scaled inputs and noise in training",
        {"inputs": "tables/inputs.csv", "noise": "tables/noise.csv"},
        module="input_study",
        by_default=False,
    ),
    Figure(
        "fig_beyond_calibration",
        "do the error bars of inference hold the truth?",
        {"calibration": "tables/calibration.csv", "foreign": "tables/foreign.csv"},
        module="calibration",
        by_default=False,
    ),
)
FIGURES = tuple(figure._replace(module=figure.module or figure.name) for figure in FIGURES)
