"""Files of the ground states put to the test."""

from moirespin.io.schemas.base import PHASE_FLAGS, Schema, Variable, parameters
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
            ("set", "trial"), "f8", "meV", "energy that a trial relaxed to, above the winner"
        ),
        "trial_converged": Variable(("set", "trial"), "i1", "1", "1 if the trial is relaxed"),
        "trial_steps": Variable(("set", "trial"), "i4", "1", "field evaluations of the trial"),
        "trial_magnetization": Variable(
            ("set", "trial", "layer"), "f8", "1", "mean S^z of a layer for each trial"
        ),
    },
)
