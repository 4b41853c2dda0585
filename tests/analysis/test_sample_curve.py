"""The sample curve: its table by hand."""

import jax
import numpy as np
import pytest
from flax import nnx

import mocks
from moirespin.analysis.bootstrap import Resampling, mean_of
from moirespin.analysis.sample_curve import score_fractions
from moirespin.io import packed_images
from moirespin.io.schemas.images import DATASET
from moirespin.learning.networks import build, save_network
from moirespin.states.parameter_space import Ranges

RANGES = Ranges(twist_angle=(1.0, 4.0), exchange=(1.0, 11.0), anisotropy=(0.5, 5.0))
SHAPE = {"pixels": 3, "first": 4, "features": 4, "third": 4}
RESAMPLING = Resampling(200, 3)


def save_constant(path, value, train, validation, target="exchange"):
    """Write a network that gives `value` for every image."""
    network = build("regressor", SHAPE, 0)
    nnx.update(network, jax.tree.map(np.zeros_like, nnx.state(network, nnx.Param)))
    network.output.bias[...] = network.output.bias[...] + value
    about = {"kind": "regressor", "target": target, "shape": SHAPE, "seed": 0}
    save_network(
        str(path),
        network,
        {},
        about=about | {"samples": {"train": train, "validation": validation}},
    )
    return str(path)


@pytest.fixture
def samples():
    found = mocks.dataset(DATASET, sample=12, x=6, y=6)
    found["split"][:] = np.repeat([0, 1, 2], [6, 2, 4])
    found["exchange"][-4:] = [2.0, 4.0, 8.0, 5.0]
    found["anisotropy"][-4:] = [0.5, 1.0, 2.0, 4.0]
    return found.assign(image=found["image"].copy(data=packed_images.pack(found["image"].values)))


def test_table_by_hand(samples, tmp_path):
    models = {
        # 0.3 of 1 to 11 meV is 4 meV; errors 100, 0, 50 and 20 %.
        "exchange": [
            save_constant(tmp_path / "whole.safetensors", 0.3, 90, 10),
            save_constant(tmp_path / "part.safetensors", 0.0, 18, 2),
        ],
        # The lower end, 0.5 meV; errors 0, 50, 75 and 87.5 %.
        "anisotropy": [save_constant(tmp_path / "d.safetensors", 0.0, 45, 5, "anisotropy")],
    }
    table = score_fractions(samples, models, ranges=RANGES, resampling=RESAMPLING)
    assert list(table) == ["parameter", "training_samples", "mape", "error", "samples"]
    assert table["parameter"].tolist() == ["exchange", "exchange", "anisotropy"]
    assert table["training_samples"].tolist() == [20, 100, 50]
    # From the lower end of J: 50, 75, 87.5 and 80 %.
    np.testing.assert_allclose(table["mape"], [73.125, 42.5, 53.125], rtol=1e-6)
    expected = mean_of([100, 0, 50, 20], RESAMPLING).error
    assert table["error"][1] == pytest.approx(expected, rel=1e-5)
    assert table["samples"].tolist() == [4, 4, 4]
