"""Drawing one state: what is refused, and what the scaling law does below the trained angles."""

import numpy as np
import pytest

from moirespin.physics.lattice import twist_angle_deg
from moirespin.textures.cell import evaluate_waves
from moirespin.textures.drawing import cell_magnetization, draw, effective
from random_texture_model import random_model

NAMES = "angle_deg", "exchange_mev", "anisotropy_mev"


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ((0.05, 3.0, 0.1), "the twist angle is 0.05 degrees, but .* knows 0.1 to 4 degrees"),
        ((1.0, 11.0, 0.1), "the exchange J is 11 meV, but .* knows 1 to 10 meV"),
        ((1.0, 3.0, 0.4), "the anisotropy D is 0.4 meV, but .* knows 0.01 to 0.3 meV"),
        ((0.2, 1.0, 0.3), "walls would be narrower than this texture model resolves"),
    ],
)
def test_what_the_model_does_not_know_is_refused(parameters, sentence):
    with pytest.raises(ValueError, match=sentence):
        draw(random_model(), **dict(zip(NAMES, parameters, strict=True)))


def test_below_the_trained_angles_the_scaled_exchange_and_d_are_kept():
    (angle, exchange, anisotropy), registry = effective(
        random_model(), angle_deg=0.25, exchange_mev=8.0, anisotropy_mev=0.1
    )
    assert angle == 0.5
    assert exchange * angle**2 == pytest.approx(8.0 * 0.25**2)
    assert anisotropy == 0.1
    assert not registry.any()


def test_only_a_commensurate_angle_has_a_registry_of_its_own():
    model = random_model()
    own = effective(model, angle_deg=twist_angle_deg(16), exchange_mev=3.0, anisotropy_mev=0.1)[1]
    np.testing.assert_array_equal(own, model.registries[1])
    assert not effective(
        model, angle_deg=twist_angle_deg(16) + 0.01, exchange_mev=3.0, anisotropy_mev=0.1
    )[1].any()


def test_the_gap_is_not_negative_and_magnetisation_is_the_mean_over_the_cell():
    model = random_model()
    for exchange in (1.5, 3.0, 6.0):
        drawn = draw(model, angle_deg=1.5, exchange_mev=exchange, anisotropy_mev=0.05)
        assert drawn.gap_mev is None or drawn.gap_mev >= 0
        steps = np.arange(40) / 40
        points = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        mean, half = np.moveaxis(drawn.tilt @ evaluate_waves(model.waves, points).T, 1, 0)
        spin_z = 0.5 * (np.cos(mean + half) + np.cos(mean - half)).mean(axis=1)
        np.testing.assert_allclose(cell_magnetization(model.waves, drawn.tilt), spin_z, atol=1e-5)
