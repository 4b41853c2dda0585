"""Images to posteriors: all copies, error bars at the bound, honest answers for foreign images."""

import numpy as np
import pytest

from inference.family import FAMILY, knowledge, photograph, read
from moirespin.inference.infer import summarise
from moirespin.inference.measurement import NCD, check_measurement
from moirespin.inference.modes import find_modes
from moirespin.inference.posterior import explore

pytestmark = pytest.mark.slow

TRUTH = {"twist_angle_deg": 1.5, "exchange_mev": 3.0, "anisotropy_mev": 0.12}


def away(posterior) -> np.ndarray:
    """Return the distance of the truth from the mean, in standard deviations."""
    numbers = summarise(posterior)
    return np.array(
        [(numbers[name]["mean"] - true) / numbers[name]["std"] for name, true in TRUTH.items()]
    )


@pytest.mark.parametrize(
    ("channel", "copy", "rotation"),
    [
        ("net", (-1, 0, 1), 1.5),
        ("top", (-1, 0, 1), 3.9),
        ("both", (-1, 1, 1), 5.0),
    ],
)
def test_every_pose_and_copy_is_found(channel, copy, rotation):
    image = photograph(channel=channel, copy=copy, rotation=rotation, noise=0.1)
    found = read(image, knowledge(channel))
    assert np.abs(away(found)).max() < 4
    numbers = summarise(found)
    assert numbers["phase"]["MD"] > 0.99
    assert numbers["modes"][0]["mirrored"] == (copy[0] < 0)
    assert numbers["modes"][0]["layers_swapped"] == bool(copy[1])
    turn = (numbers["rotation_deg"] - np.degrees(rotation) + 60) % 120 - 60
    assert abs(turn) < 1
    assert numbers["goodness_of_fit"] > 1e-3


def test_spins_can_be_reversed_where_the_gain_is_known():
    found = read(photograph(copy=(1, 0, -1), noise=0.1), knowledge(units="spin"))
    assert found.modes[0].copy.sign == -1
    assert np.abs(away(found)).max() < 4


def test_noise_level_and_error_bars_are_those_of_the_bound():
    found = read(photograph(noise=0.03))
    bound = np.sqrt(np.diag(found.clouds[0].covariance))[:3]
    logs = np.stack(
        [
            np.log(found.samples["twist_angle_deg"]),
            np.log(found.samples["exchange_mev"]),
            found.samples["anisotropy_mev"],
        ]
    )
    np.testing.assert_allclose(logs.std(axis=1) / bound, 1, atol=0.1)
    np.testing.assert_allclose(found.noise_std, 0.03, rtol=0.04)


def test_branch_that_is_not_the_ground_state_is_ruled_out():
    # At J theta^2 = 6.75 domains are the ground state, 100 meV below.
    image = photograph(NCD, noise=0.1)
    known = knowledge(exchange_mev=(2.5, 3.5), twist_deg=(1.4, 1.6))
    modes, data = find_modes(image, known, FAMILY)
    assert modes[0].branch == NCD
    call = {"samples": 1000, "generator": np.random.default_rng(2)}
    assert explore(modes[0], data, FAMILY, excess_mev=1.0, **call) is None
    free = explore(modes[0], data, FAMILY, excess_mev=1000.0, **call)
    truth = [np.log(1.5), np.log(3.0), 0.12]
    assert np.all(np.abs(free.points.mean(axis=0)[:3] - truth) < 4 * free.points.std(axis=0)[:3])


def test_range_that_cuts_the_posterior_off_is_named():
    found = read(photograph(noise=0.3), knowledge(exchange_mev=(1.0, 3.0)))
    assert found.samples["exchange_mev"].max() <= 3.0 + 1e-9
    assert any("cuts the posterior off" in sentence for sentence in found.warnings)


def test_uniform_image_says_where_the_ferromagnet_is():
    image = check_measurement(
        -1 + 0.1 * np.random.default_rng(2).standard_normal((48, 48)), 1.5, "net"
    )
    found = read(image, knowledge(units="spin"))
    assert summarise(found)["phase"] == {"FM": 1.0, "NCD": 0.0, "MD": 0.0}
    assert found.samples["anisotropy_mev"].min() >= 0.25


def test_noise_alone_is_refused():
    image = check_measurement(np.random.default_rng(2).standard_normal((48, 48)), 1.5, "net")
    with pytest.raises(ValueError, match="no moire period"):
        read(image)
    with pytest.raises(ValueError, match="not the 1 or -1"):
        read(image, knowledge(units="spin"))
