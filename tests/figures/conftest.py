"""Networks in files and a table of readings, for the figures that draw them."""

import jax
import numpy as np
import pandas as pd
import pytest
from flax import nnx

from drawn import GENERATOR_SHAPE, READINGS, REGRESSOR_SHAPE
from moirespin.analysis.coverage import PARAMETERS
from moirespin.figures import blocks
from moirespin.io import netcdf
from moirespin.learning.networks import build, save_network


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Path and number of weights of a network of each kind."""
    folder = tmp_path_factory.mktemp("models")
    found = {}
    for kind, shape in {"regressor": REGRESSOR_SHAPE, "generator": GENERATOR_SHAPE}.items():
        # Its form alone is drawn; random weights would take seconds to compile.
        network = nnx.eval_shape(lambda kind=kind, shape=shape: build(kind, shape, seed=1))
        ones = jax.tree.map(lambda x: np.ones(x.shape, x.dtype), nnx.state(network))
        nnx.update(network, ones)
        path = str(folder / f"{kind}.safetensors")
        about = {"kind": kind, "target": "exchange", "shape": shape, "seed": 1}
        record = {"a_record": np.zeros(3, np.float32)}
        save_network(path, network, record, about=about)
        weights = jax.tree.leaves(nnx.state(network, nnx.Param))
        found[kind] = path, sum(weight.size for weight in weights)
    return found


@pytest.fixture
def networks(written):
    model = blocks.read_model(written["regressor"][0], "regressor")
    return dict.fromkeys(netcdf.PARAMETERS, model)


@pytest.fixture
def readings():
    generator = np.random.default_rng(0)
    table = {
        "outcome": ["read"] * (READINGS - 1) + ["refused: no period"],
        "phase": ["NCD", "MD"] * (READINGS // 2),
        "channel": ["net", "top", "both", "stray-field"] * (READINGS // 4),
        "units": ["spin"] * READINGS,
        "snr_db": np.tile([np.inf, 20.0, 0.0], READINGS // 3),
        "fm_line_distance_mev": generator.uniform(0, 0.3, READINGS),
        "p_value": generator.uniform(0, 1, READINGS),
        "unexplained": [True] + [False] * (READINGS - 1),
        "distance_sigma": generator.uniform(0, 8, READINGS),
    }
    for name, true in zip(PARAMETERS, (1.5, 3.0, 0.1), strict=True):
        table |= {name: true, f"{name}_rank": generator.uniform(0, 1, READINGS)}
        table |= {f"{name}_std": 0.12 * true, f"{name}_bound": 0.1 * true}
        table |= {f"{name}_error": 0.02 * true, f"{name}_posed_bound": 0.1 * true}
    return pd.DataFrame(table)
