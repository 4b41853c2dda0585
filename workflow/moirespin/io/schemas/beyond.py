"""Files of the Fisher information."""

from moirespin.io.schemas.base import PHASE_FLAGS, Schema, Variable, parameters

_GRID = ("twist", "exchange_point", "anisotropy_point")

FISHER = Schema(
    name="fisher",
    format=2,
    variables={
        "twist_index": Variable(("twist",), "i4", "1", "commensurate twist index m"),
        "twist_angle": Variable(("twist",), "f8", "degree", "twist angle theta_m"),
        "grid_exchange": Variable(("exchange_point",), "f8", "meV", "intralayer exchange J"),
        "grid_anisotropy": Variable(("anisotropy_point",), "f8", "meV", "anisotropy D"),
        "phase": Variable(_GRID, "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "information": Variable(
            (*_GRID, "parameter", "other"),
            "f8",
            "1",
            "Fisher information about normalised theta, J and D",
        ),
        "bound": Variable(
            (*_GRID, "parameter"),
            "f8",
            "1",
            "least standard deviation of normalised theta, J and D (Cramer-Rao bound)",
        ),
        "weak_bound": Variable(
            _GRID, "f8", "1", "least standard deviation along the weak direction"
        ),
        "strong_bound": Variable(
            _GRID, "f8", "1", "least standard deviation across the weak direction"
        ),
        "weak_direction": Variable(
            (*_GRID, "constant"),
            "f8",
            "1",
            "unit vector of the change of normalised J and D that the images show least",
        ),
    },
)
SAMPLE_INFORMATION = Schema(
    name="sample_information",
    format=1,
    variables=parameters("sample")
    | {
        "information": Variable(
            ("sample", "parameter", "other"),
            "f8",
            "1",
            "Fisher information about normalised theta, J and D; NaN at angles without",
        ),
    },
)
ERROR_ALIGNMENT = Schema(
    name="error_alignment",
    format=2,
    variables={
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "error": Variable(
            ("sample", "constant"), "f8", "1", "error of normalised J and D of each test sample"
        ),
        "weak_direction": Variable(
            ("sample", "constant"),
            "f8",
            "1",
            "weak direction of the nearest state with a known one",
        ),
        "distance": Variable(
            ("sample",),
            "f8",
            "1",
            "distance to that state in normalised parameters; NaN where there is none",
        ),
        "axis": Variable(("group", "constant"), "f8", "1", "principal axis of the errors"),
        "axis_spread_deg": Variable(
            ("group",), "f8", "degree", "angle by which 95 % of the bootstrap axes turn at most"
        ),
        "weak_share": Variable(
            ("group",), "f8", "1", "share of the squared errors that lies along the weak directions"
        ),
        "weak_share_lower": Variable(
            ("group",), "f8", "1", "2.5 % quantile of weak_share over bootstrap samples"
        ),
        "weak_share_upper": Variable(
            ("group",), "f8", "1", "97.5 % quantile of weak_share over bootstrap samples"
        ),
        "common_share": Variable(
            ("group",),
            "f8",
            "1",
            "weak_share with the weak directions dealt to the samples at random",
        ),
        "common_share_lower": Variable(
            ("group",), "f8", "1", "2.5 % quantile of that share over the permutations"
        ),
        "common_share_upper": Variable(
            ("group",), "f8", "1", "97.5 % quantile of that share over the permutations"
        ),
        "count": Variable(
            ("group",), "i4", "1", "number of test samples that have a weak direction"
        ),
    },
)
