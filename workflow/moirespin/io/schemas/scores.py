"""Files of errors, their profiles and principal axes."""

from moirespin.io.schemas.base import PHASE_FLAGS, Schema, Variable, parameters

REGRESSION_SCORES = Schema(
    name="regression_scores",
    format=1,
    variables=parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "true": Variable(("sample", "parameter"), "f8", "1", "true theta, J, D (degree, meV, meV)"),
        "predicted": Variable(
            ("sample", "parameter"), "f8", "1", "estimated theta, J, D (degree, meV, meV)"
        ),
        "percentage_error": Variable(
            ("sample", "parameter"), "f8", "percent", "100 |predicted - true| / |true|"
        ),
        "error": Variable(
            ("sample", "parameter"), "f8", "1", "error of the normalised parameter, eq. (5)"
        ),
        "distance": Variable(
            ("sample", "boundary"), "f8", "1", "distance to a phase boundary, eq. (3)"
        ),
    },
)
ERROR_PCA = Schema(
    name="error_pca",
    format=2,
    variables={
        "covariance": Variable(
            ("parameter", "other"), "f8", "1", "covariance of the error vectors, eq. (6)"
        ),
        "component": Variable(
            ("rank", "parameter"), "f8", "1", "principal axes of the errors, largest variance first"
        ),
        "variance_ratio": Variable(("rank",), "f8", "1", "share of the variance along each axis"),
        "ratio_lower": Variable(
            ("rank",), "f8", "1", "2.5 % quantile of that share over bootstrap samples"
        ),
        "ratio_upper": Variable(
            ("rank",), "f8", "1", "97.5 % quantile of that share over bootstrap samples"
        ),
        "trimmed_ratio": Variable(
            ("rank",),
            "f8",
            "1",
            "share of the variance, the largest 5 % of the errors left out",
        ),
        "trimmed_component": Variable(
            ("rank", "parameter"), "f8", "1", "principal axes without those errors"
        ),
        "mean_error": Variable(("parameter",), "f8", "1", "mean of the error vectors"),
    },
)
SNR_SCORES = Schema(
    name="snr_scores",
    format=2,
    variables={
        "snr": Variable(("snr",), "f8", "dB", "signal-to-noise ratio, eq. (10)"),
        "true": Variable(("sample", "parameter"), "f8", "1", "true theta, J, D (degree, meV, meV)"),
        "predicted": Variable(
            ("snr", "sample", "parameter"), "f8", "1", "estimated theta, J, D (degree, meV, meV)"
        ),
        "signal_power": Variable(
            ("sample",), "f8", "1", "mean of S^z squared, P_S of eq. (9), mean of both layers"
        ),
        "contrast_power": Variable(
            ("sample",), "f8", "1", "variance of S^z over the pixels, mean of both layers"
        ),
        "mape": Variable(("snr", "parameter"), "f8", "percent", "mean absolute percentage error"),
    },
)
GENERATOR_SCORES = Schema(
    name="generator_scores",
    format=1,
    variables=parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "mae": Variable(("sample", "layer"), "f8", "1", "mean over pixels of |generated - true|"),
        "true_magnetization": Variable(("sample", "layer"), "f8", "1", "mean of the true image"),
        "predicted_magnetization": Variable(
            ("sample", "layer"), "f8", "1", "mean of the generated image"
        ),
        "distance": Variable(
            ("sample", "boundary"), "f8", "1", "distance to a phase boundary, eq. (3)"
        ),
    },
)
PROFILES = Schema(
    name="profiles",
    format=1,
    variables={
        "lower": Variable(
            ("axis", "bin"), "f8", "1", "lower edge of each bin, in the unit of its axis"
        ),
        "upper": Variable(
            ("axis", "bin"), "f8", "1", "upper edge of each bin, in the unit of its axis"
        ),
        "mean": Variable(
            ("axis", "bin", "quantity"), "f8", "1", "mean over the samples of each bin"
        ),
        "standard_error": Variable(
            ("axis", "bin", "quantity"),
            "f8",
            "1",
            "standard error of that mean; NaN for fewer than two samples",
        ),
        "count": Variable(("axis", "bin"), "i4", "1", "number of test samples in each bin"),
        "training_count": Variable(
            ("axis", "bin"), "i4", "1", "number of training samples in each bin; -1 where not known"
        ),
    },
)
