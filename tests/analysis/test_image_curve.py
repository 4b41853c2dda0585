"""The image curve: its table by hand."""

import numpy as np
import pytest

import mocks
from moirespin.analysis.bootstrap import Resampling, mean_of
from moirespin.analysis.image_curve import score_drawn
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import IMAGE_PREDICTIONS

RESAMPLING = Resampling(200, 3)


def test_errors_are_means_of_the_images_of_a_phase():
    drawn = mocks.dataset(IMAGE_PREDICTIONS, sample=5, x=4, y=4)
    phases = ["NCD", "MD", "NCD", "MD", "NCD"]
    drawn["phase"][:] = [netcdf.PHASES.index(phase) for phase in phases]
    # Both layers of an image are off by the same amount, the second of the pair by none.
    off = np.array([0.1, 0.4, 0.2, 0.2, 0.6])[:, None, None, None] * np.array([1, 0])[:, None, None]
    true = np.full((5, 2, 4, 4), 0.25)
    packed = {"true": packed_images.pack(true), "predicted": packed_images.pack(true - off)}
    drawn = drawn.assign({name: drawn[name].copy(data=value) for name, value in packed.items()})
    table = score_drawn(drawn, RESAMPLING).set_index("phase")
    assert list(table) == ["mean_error", "error", "samples"]
    assert table["samples"].to_dict() == {"NCD": 3, "MD": 2}
    np.testing.assert_allclose(table.loc[["NCD", "MD"], "mean_error"], [0.15, 0.15], atol=1e-4)
    expected = mean_of([0.05, 0.1, 0.3], RESAMPLING).error
    assert table.loc["NCD", "error"] == pytest.approx(expected, rel=2e-3)
