"""Files of images, and of what the networks make of them."""

from moirespin.io.schemas.base import PHASE_FLAGS, SPLITS, Schema, Variable, flags, parameters

DATASET = Schema(
    name="dataset",
    format=1,
    variables=parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "magnetization": Variable(("sample", "layer"), "f8", "1", "mean S^z of each layer"),
        "split": Variable(
            ("sample",), "i1", "1", "part of the dataset that the sample belongs to", flags(SPLITS)
        ),
        "image": Variable(
            ("sample", "layer", "y", "x"), "i2", "1", "S^z on the pixel grid of the window"
        ),
        "x": Variable(("x",), "f8", "nm", "position of the pixel centres"),
        "y": Variable(("y",), "f8", "nm", "position of the pixel centres"),
    },
)
PARAMETER_PREDICTIONS = Schema(
    name="parameter_predictions",
    format=1,
    variables=parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "true": Variable(("sample", "parameter"), "f8", "1", "true theta, J, D (degree, meV, meV)"),
        "predicted": Variable(
            ("sample", "parameter"), "f8", "1", "estimated theta, J, D (degree, meV, meV)"
        ),
        "training_count": Variable(("parameter",), "i4", "1", "number of training samples"),
    },
)
IMAGE_PREDICTIONS = Schema(
    name="image_predictions",
    format=1,
    variables=parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "true": Variable(("sample", "layer", "y", "x"), "i2", "1", "simulated S^z"),
        "predicted": Variable(("sample", "layer", "y", "x"), "i2", "1", "generated S^z"),
        "x": Variable(("x",), "f8", "nm", "position of the pixel centres"),
        "y": Variable(("y",), "f8", "nm", "position of the pixel centres"),
    },
)
