"""The study of inputs gives the networks of every run their errors."""

import numpy as np
import pytest

from moirespin.analysis.input_study import score_inputs
from moirespin.learning.prediction import paper_estimator, sweep_snr
from small_training import RANGES, make_samples, regress


@pytest.mark.slow
def test_networks_have_the_errors_that_the_noise_sweep_finds(tmp_path):
    samples = make_samples()
    models = {name: str(tmp_path / f"{name}.safetensors") for name in RANGES._fields}
    for name, path in models.items():
        regress(samples, path, name)
    networks = [(name, "pixel", "clean", path) for name, path in reversed(models.items())]
    levels = [20.0, 0.0]
    table = score_inputs(samples, networks, ranges=RANGES, levels_db=levels, seed=3)
    assert table["parameter"].tolist() == ["theta"] * 3 + ["J"] * 3 + ["D"] * 3
    swept = sweep_snr(samples, paper_estimator(models, 4, RANGES), levels_db=levels, seed=3)
    own = table[table["parameter"] == "J"]
    np.testing.assert_allclose(own["mape"][:2], swept["mape"].sel(parameter="exchange"), rtol=1e-4)
    assert own["snr_db"].isna().tolist() == [False, False, True]
