"""Files of the simulation: ground states, phases, phase lines."""

from moirespin.io.schemas.base import LAYERS, PHASE_FLAGS, Schema, Variable, flags, parameters
from moirespin.solver.outcomes import OUTCOMES

OUTCOME_FLAGS = flags(OUTCOMES)

STATE = {
    "magnetization": Variable(("set", "layer"), "f8", "1", "mean S^z of each layer, eq. (13)"),
    "energy": Variable(("set",), "f8", "meV", "energy of the ground state per moire supercell"),
    "winner": Variable(
        ("set",),
        "i2",
        "1",
        "start that relaxed to the ground state",
        {"comment": "-1 where no start gave a finite state"},
        place_in="start",
    ),
    "gap_to_runner_up": Variable(
        ("set",),
        "f8",
        "meV",
        "energy above the ground state of the lowest state that is not degenerate with it",
    ),
    "steps": Variable(("set",), "i4", "1", "number of field evaluations of the winning start"),
    "max_torque": Variable(("set",), "f4", "meV", "largest torque |S x h| in the ground state"),
    "status": Variable(
        ("set",), "i1", "1", "how the relaxation of the winning start ended", OUTCOME_FLAGS
    ),
    "converged": Variable(
        ("set",),
        "i1",
        "1",
        "whether max_torque is below the tolerance",
        flags(("no", "yes")),
    ),
    "start_energy": Variable(("set", "start"), "f8", "meV", "energy that each start relaxed to"),
    "start_steps": Variable(
        ("set", "start"), "i4", "1", "number of field evaluations of each start"
    ),
    "start_status": Variable(
        ("set", "start"), "i1", "1", "how the relaxation of each start ended", OUTCOME_FLAGS
    ),
    "start_magnetization": Variable(
        ("set", "start", "layer"), "f8", "1", "mean S^z of each layer after each relaxation"
    ),
}

SITES = {
    "position": Variable(
        ("site", "component"), "f8", "nm", "position of the site, z from midway between the layers"
    ),
    "site_layer": Variable(("site",), "i1", "1", "layer of the site", flags(LAYERS)),
    "sublattice": Variable(("site",), "i1", "1", "sublattice of the site", flags(("A", "B"))),
    "moire_vector": Variable(
        ("translation", "component"), "f8", "nm", "translation that repeats the texture"
    ),
}
SHARD = Schema(
    name="shard",
    format=2,
    variables=parameters("set")
    | STATE
    | {"spins": Variable(("set", "site", "component"), "f4", "1", "direction of each spin S")}
    | SITES,
)
PHASE_DIAGRAM = Schema(
    name="phase_diagram",
    format=1,
    variables=parameters("set")
    | {"phase": Variable(("set",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS)}
    | STATE,
)
PHASE_LINES = Schema(
    name="phase_lines",
    format=1,
    variables={
        "twist_index": Variable(("twist",), "i4", "1", "commensurate twist index m"),
        "twist_angle": Variable(("twist",), "f8", "degree", "twist angle theta_m"),
        "line_exchange": Variable(("exchange_point",), "f8", "meV", "intralayer exchange J"),
        "line_anisotropy": Variable(("anisotropy_point",), "f8", "meV", "anisotropy D"),
        "fm_line": Variable(
            ("twist", "exchange_point"),
            "f8",
            "meV",
            "anisotropy D below which the ferromagnetic state is linearly unstable",
        ),
        "domain_line": Variable(
            ("twist", "anisotropy_point"),
            "f8",
            "meV",
            "exchange J above which the domain state is not the ground state; NaN where it is"
            " everywhere or nowhere in the box",
        ),
    },
)
LINES_OF_ANGLE = Schema(
    name="phase_lines_of_angle",
    format=1,
    variables=PHASE_LINES.variables,
)
EXCHANGE_MAP = Schema(
    name="exchange_map",
    format=1,
    variables={
        "x": Variable(("site",), "f8", "nm", "position of each site"),
        "y": Variable(("site",), "f8", "nm", "position of each site"),
        "interlayer_exchange": Variable(
            ("site",),
            "f8",
            "meV",
            "interlayer exchange summed over partners; positive is antiferromagnetic",
        ),
    },
)
