"""Files of the Fisher information."""

from moirespin.io.schemas.base import PHASE_FLAGS, Schema, Variable

_GRID = ("twist", "exchange_point", "anisotropy_point")

FISHER = Schema(
    name="fisher",
    format=1,
    variables={
        "twist_index": Variable(("twist",), "i4", "1", "commensurate twist index m"),
        "twist_angle": Variable(("twist",), "f8", "degree", "twist angle theta_m"),
        "grid_exchange": Variable(("exchange_point",), "f8", "meV", "intralayer exchange J"),
        "grid_anisotropy": Variable(("anisotropy_point",), "f8", "meV", "anisotropy D"),
        "phase": Variable(_GRID, "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "information": Variable(
            (*_GRID, "constant", "other_constant"), "f8", "1", "Fisher information, normalised J, D"
        ),
        "bound": Variable((*_GRID, "constant"), "f8", "1", "least deviation of J, D (Cramer-Rao)"),
        "weak_bound": Variable(_GRID, "f8", "1", "least deviation along the weak direction"),
        "strong_bound": Variable(_GRID, "f8", "1", "least deviation across the weak direction"),
        "weak_direction": Variable((*_GRID, "constant"), "f8", "1", "change that shows least"),
    },
)
ERROR_ALIGNMENT = Schema(
    name="error_alignment",
    format=1,
    variables={
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "error": Variable(("sample", "constant"), "f8", "1", "errors of normalised J and D"),
        "weak_direction": Variable(("sample", "constant"), "f8", "1", "that of the nearest state"),
        "distance": Variable(("sample",), "f8", "1", "distance to that state, NaN for none"),
        "axis": Variable(("group", "constant"), "f8", "1", "principal axis of the errors"),
        "axis_spread_deg": Variable(("group",), "f8", "degree", "bootstrap 95 % of its turns"),
        "weak_share": Variable(("group",), "f8", "1", "squared errors along weak directions"),
        "weak_share_lower": Variable(("group",), "f8", "1", "bootstrap 2.5 % quantile of it"),
        "weak_share_upper": Variable(("group",), "f8", "1", "bootstrap 97.5 % quantile of it"),
        "common_share": Variable(("group",), "f8", "1", "the same, directions dealt at random"),
        "count": Variable(("group",), "i4", "1", "test samples that have a weak direction"),
    },
)
