"""Files of relaxed branches, which the texture model that ships is trained on."""

from moirespin.io.schemas.base import Schema, Variable, flags, parameters

PARTS = ("training", "test", "further")
TRAINING, TEST, FURTHER = range(len(PARTS))
OUTCOMES = ("failed", "found", "elsewhere")

BRANCHES = Schema(
    name="branches",
    format=2,
    variables=parameters("set")
    | {
        "part": Variable(
            ("set",),
            "i1",
            "1",
            "what a set is for: drawn and trained on; drawn and only scored; put where domains"
            " change fastest and trained on",
            flags(PARTS),
        ),
        "tilt": Variable(
            ("set", "branch", "layer", "orbit"),
            "f4",
            "radian",
            "signed tilt from +z towards +x of one site of each three-fold orbit",
            {"comment": "branches: NCD, MD; NaN without a state or where spins wind"},
        ),
        "branch_energy": Variable(
            ("set", "branch"), "f8", "meV", "energy per moire supercell above the ferromagnet"
        ),
        "branch_outcome": Variable(
            ("set", "branch"),
            "i1",
            "1",
            "what became of the starts of the branch: none could be used; relaxed to a state of the"
            " branch; relaxed to another state",
            flags(OUTCOMES),
        ),
        "branch_torque": Variable(
            ("set", "branch"), "f4", "meV", "largest torque |S x h| of the branch"
        ),
        "limit_exchange": Variable(("limit",), "f8", "meV", "intralayer exchange J"),
        "limit_anisotropy": Variable(
            ("limit",),
            "f8",
            "meV",
            "anisotropy D below which the ferromagnetic state is linearly unstable",
        ),
    },
)
