"""What is computed from predictions and states: scores and tables, one entry each.

An entry says which function makes a file, from which files and keys of the config; its rule, and
for a table its place in the report, the archive and the tests, follow from it. The caption of a
table is `workflow/report/<name>.rst`.

Imports nothing: the Snakefile imports this module in every job. A change here computes nothing
again but what has other files or keys.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# Stands for the ends of theta, J and D that the config's sweep gives.
RANGES = "ranges"

Settings = Mapping[str, str | Mapping[str, str]]
NOTHING: Settings = MappingProxyType({})


class Analysis(NamedTuple):
    """One file of scores, or one table.

    Attributes:
        name: of its rule; a table's is its file's, too.
        file: in the folder of the run.
        function: that makes it, as `module.function` of the package `analysis`.
        inputs: what the function gets: argument -> file in the folder of the run.
        settings: what it gets from the config: argument -> dotted key, or a mapping of such.
        shows: what the report lists a table as.
        takes_seconds: whether a cluster runs it beside Snakemake instead of as a job.
        by_default: whether every run has it; the others are computed on request.
    """

    name: str
    file: str
    function: str
    inputs: Mapping[str, str]
    settings: Settings = NOTHING
    shows: str = ""
    takes_seconds: bool = False
    by_default: bool = True

    @property
    def module(self) -> str:
        """The module of the package `analysis` that holds the function."""
        return self.function.partition(".")[0]


RESAMPLING: Settings = {"resampling": {"samples": "analysis.bootstrap_samples", "seed": "seed"}}
NEAR: Settings = {
    "window": "analysis.cri3_window",
    "bins": "analysis.bins",
    "ranges": RANGES,
}
MATERIAL: Settings = {"material": {"lattice": "lattice", "interlayer": "interlayer"}}

SCORES = (
    Analysis(
        "score_regression",
        "scores/regression.nc",
        "scores.score_regression",
        {"predictions": "predictions/parameters.nc", "lines": "phase_lines.nc"},
        {"ranges": RANGES},
    ),
    Analysis(
        "error_pca",
        "scores/error_pca.nc",
        "error_pca.error_pca",
        {"scores": "scores/regression.nc"},
        RESAMPLING,
    ),
    Analysis(
        "profile_regression",
        "scores/regression_profiles.nc",
        "error_profiles.profile_regression",
        {"scores": "scores/regression.nc", "samples": "dataset.nc"},
        {"bins": "analysis.bins", "ranges": RANGES},
    ),
    Analysis(
        "score_generator",
        "scores/generator.nc",
        "scores.score_generator",
        {"predictions": "predictions/images.nc", "lines": "phase_lines.nc"},
        {"ranges": RANGES},
    ),
    Analysis(
        "score_textures",
        "scores/textures.nc",
        "scores.score_generator",
        {"predictions": "predictions/textures.nc", "lines": "phase_lines.nc"},
        {"ranges": RANGES},
    ),
    Analysis(
        "profile_generator",
        "scores/generator_profiles.nc",
        "error_profiles.profile_generator",
        {"scores": "scores/generator.nc", "samples": "dataset.nc"},
        {"bins": "analysis.bins", "ranges": RANGES},
    ),
    Analysis(
        "align_errors",
        "scores/error_alignment.nc",
        "error_alignment.align_errors",
        {"scores": "scores/regression.nc", "fisher": "fisher.nc"},
        {"ranges": RANGES, **RESAMPLING},
    ),
)


def _table(
    name: str,
    shows: str,
    function: str,
    *,
    inputs: Mapping[str, str],
    settings: Settings = NOTHING,
    takes_seconds: bool = True,
    by_default: bool = True,
) -> Analysis:
    file = f"tables/{name}.csv"
    return Analysis(name, file, function, inputs, settings, shows, takes_seconds, by_default)


TABLES = (
    _table(
        "phases",
        "sets of each phase at each twist angle",
        "phase_counts.phase_shares",
        inputs={"phase_diagram": "phase_diagram.nc"},
    ),
    _table(
        "line_agreement",
        "sampled phases against the phase lines",
        "boundaries.line_agreement",
        inputs={"phase_diagram": "phase_diagram.nc", "lines": "phase_lines.nc"},
        settings={"ranges": RANGES},
    ),
    _table(
        "challenge",
        "ground states put to the test",
        "robustness_outcome.challenge_outcome",
        inputs={"tested": "challenge.nc"},
        settings={"degeneracy_mev": "ground_state.degeneracy_mev"},
    ),
    _table(
        "regression",
        "errors of the estimated parameters",
        "regression_summary.regression_summary",
        inputs={"scores": "scores/regression.nc", "pca": "scores/error_pca.nc"},
        settings={**NEAR, **MATERIAL, **RESAMPLING},
    ),
    _table(
        "paper_comparison",
        "the paper's numbers and ours",
        "paper_comparison.tabulate_comparison",
        inputs={
            "phase_diagram": "phase_diagram.nc",
            "samples": "dataset.nc",
            "scores": "scores/regression.nc",
            "pca": "scores/error_pca.nc",
            "joint": "predictions/joint.nc",
            "snr": "scores/snr.nc",
            "generator": "scores/generator.nc",
        },
        settings={**NEAR, **MATERIAL, **RESAMPLING},
    ),
    _table(
        "networks",
        "the joint network and the paper's",
        "network_comparison.compare_networks",
        inputs={"paper": "predictions/parameters.nc", "joint": "predictions/joint.nc"},
    ),
    _table(
        "noise",
        "errors from noisy images beside the information bound",
        "noise_bounds.compare_with_bound",
        inputs={
            "scores": "scores/snr.nc",
            "joint": "scores/snr_joint.nc",
            "information": "scores/information.nc",
        },
        settings={"ranges": RANGES},
    ),
    _table(
        "trends",
        "where errors rise and fall, and the paper's words",
        "paper_trends.examine_statements",
        inputs={
            "regression": "scores/regression.nc",
            "generator": "scores/generator.nc",
            "regression_profiles": "scores/regression_profiles.nc",
            "generator_profiles": "scores/generator_profiles.nc",
        },
        settings={"window": "analysis.cri3_window", **MATERIAL},
    ),
    _table(
        "worst_samples",
        "test samples with the largest errors",
        "worst_samples.tabulate_worst",
        inputs={
            "samples": "dataset.nc",
            "phase_diagram": "phase_diagram.nc",
            "regression": "scores/regression.nc",
            "joint": "predictions/joint.nc",
            "generator": "scores/generator.nc",
        },
        settings={"ranges": RANGES, "count": "analysis.worst_samples"},
        takes_seconds=False,
    ),
    _table(
        "error_causes",
        "what the samples with large errors have in common",
        "worst_samples.tabulate_causes",
        inputs={
            "samples": "dataset.nc",
            "regression": "scores/regression.nc",
            "joint": "predictions/joint.nc",
            "generator": "scores/generator.nc",
        },
        settings={"ranges": RANGES},
        takes_seconds=False,
    ),
    _table(
        "coverage",
        "how often intervals hold the truth, by group",
        "coverage.tabulate_coverage",
        inputs={"calibration": "tables/calibration.csv"},
        by_default=False,
    ),
    _table(
        "calibration_failures",
        "what goes wrong in inference, by cause",
        "calibration_failures.tabulate_failures",
        inputs={"calibration": "tables/calibration.csv"},
        by_default=False,
    ),
    _table(
        "recognition",
        "whether images of another exchange are called unexplained",
        "recognition.tabulate_recognition",
        inputs={"calibration": "tables/calibration.csv", "foreign": "tables/foreign.csv"},
        by_default=False,
    ),
)

ANALYSES = (*SCORES, *TABLES)
