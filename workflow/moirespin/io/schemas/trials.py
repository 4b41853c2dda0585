"""Files of the ground states put to the test."""

from moirespin.io.schemas.base import PHASE_FLAGS, Schema, Variable, flags, parameters
from moirespin.io.schemas.states import STATE

CHALLENGE = Schema(
    name="challenge",
    format=1,
    variables=parameters("set")
    | {
        "phase": Variable(("set",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "magnetization": STATE["magnetization"],
        "energy": STATE["energy"],
        "winner": STATE["winner"],
        "excess": Variable(
            ("set", "trial"),
            "f8",
            "meV",
            "energy that each trial relaxed to, above the ground state",
        ),
        "trial_converged": Variable(
            ("set", "trial"), "i1", "1", "whether the trial is relaxed", flags(("no", "yes"))
        ),
        "trial_steps": Variable(
            ("set", "trial"), "i4", "1", "number of field evaluations of each trial"
        ),
        "trial_magnetization": Variable(
            ("set", "trial", "layer"), "f8", "1", "mean S^z of each layer after each trial"
        ),
    },
)
CHALLENGE_OF_ANGLE = Schema(
    name="challenge_of_angle",
    format=1,
    variables=CHALLENGE.variables,
)
