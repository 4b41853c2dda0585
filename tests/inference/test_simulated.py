"""Simulated measurements: the spins at the sites, posed by plain geometry, with the noise asked."""

import jax.numpy as jnp
import numpy as np
import pytest

from inference.family import MAGNET
from moirespin.inference.seen_waves import Copy
from moirespin.inference.simulated import Camera, Pose, draw_pose, posed_waves, take
from moirespin.physics.lattice import build_bilayer
from moirespin.probes.instrument import ReadOut
from moirespin.probes.waves import at_points

M = 5
STILL = Pose(0.0, (0.0, 0.0), 0.0, Copy(1.0, 0.0, 1.0))


@pytest.fixture(scope="module")
def bilayer(config):
    return build_bilayer(M, **config["lattice"])


@pytest.fixture(scope="module")
def spins(bilayer):
    """A smooth texture: few waves, another one in each layer and component."""
    reciprocal = 2 * np.pi * np.linalg.inv(bilayer.supercell).T
    positions = bilayer.positions.reshape(2, -1, 2)
    phases = positions @ np.array([reciprocal[0], reciprocal[1], reciprocal.sum(axis=0)]).T
    first = np.stack([np.cos(phases[..., 0]), np.sin(phases[..., 1]), np.cos(phases[..., 2])], -1)
    first[1] += 0.3 * np.sin(phases[1, :, :1])
    return first.reshape(-1, 3)


def seen(texture, points):
    return np.asarray(at_points(texture.wavevectors, texture.amplitudes, jnp.asarray(points)))


def camera(**changes):
    usual = Camera("net", 20.0, 40, 0.6, 5.0, (0.0, 0.0, 1.0), 20.0, None)
    return usual._replace(**changes)


def test_waves_of_the_canonical_pose_are_the_spins_at_their_sites(bilayer, spins):
    texture = posed_waves(bilayer, spins, STILL)
    positions = bilayer.positions.reshape(2, -1, 2)
    for layer in range(2):
        found = seen(texture, positions[layer])[layer]
        np.testing.assert_allclose(found.T, spins.reshape(2, -1, 3)[layer], atol=1e-10)


def test_turn_and_place_move_the_texture(bilayer, spins):
    points = np.random.default_rng(0).uniform(-5, 5, (20, 2))
    angle, place = 0.7, np.array([1.3, -0.4])
    moved = posed_waves(bilayer, spins, STILL._replace(rotation_rad=angle, place_nm=tuple(place)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    still = posed_waves(bilayer, spins, STILL)
    np.testing.assert_allclose(
        seen(moved, points @ turn.T + place), seen(still, points), atol=1e-10
    )


@pytest.mark.parametrize(
    ("copy", "mirror", "layers", "sign"),
    [
        (Copy(-1.0, 0.0, 1.0), -1, slice(None), 1),
        (Copy(1.0, 1.0, 1.0), -1, slice(None, None, -1), 1),
        (Copy(-1.0, 1.0, -1.0), 1, slice(None, None, -1), -1),
    ],
)
def test_copies_are_mirrored_swapped_and_reversed(copy, mirror, layers, sign, bilayer, spins):
    points = np.random.default_rng(1).uniform(-5, 5, (20, 2))
    still = seen(posed_waves(bilayer, spins, STILL), points * [mirror, 1])
    found = seen(posed_waves(bilayer, spins, STILL._replace(copy=copy)), points)
    np.testing.assert_allclose(found, sign * still[layers], atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["net", "both", "stray-field"])
def test_noise_has_the_ratio_that_was_asked_for(channel, bilayer, spins):
    texture = posed_waves(bilayer, spins, STILL)
    own = camera(channel=channel, pixels=120)
    seed = np.random.SeedSequence(3)
    noisy, deviation = take(texture, own, MAGNET, noise=seed)
    clean, _ = take(texture, own._replace(snr_db=300.0), MAGNET, noise=seed)
    ratio = np.mean(clean.images**2) / np.mean((noisy.images - clean.images) ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(own.snr_db, abs=0.2)
    assert np.std(noisy.images - clean.images) == pytest.approx(deviation[0], rel=0.02)


@pytest.mark.slow
def test_gain_and_background_are_those_of_the_camera(bilayer, spins):
    texture = posed_waves(bilayer, spins, STILL)
    seed = np.random.SeedSequence(3)
    scale = ReadOut(-3.0, 7.0, np.array([0.2, -0.1]))
    plain, _ = take(texture, camera(), MAGNET, noise=seed)
    scaled, _ = take(texture, camera(scale=scale), MAGNET, noise=seed)
    x, y = plain.centres_nm
    expected = -3 * plain.images + 7 + 0.2 * x - 0.1 * y[:, None]
    np.testing.assert_allclose(scaled.images, expected, atol=1e-10)


def test_poses_cover_all_turns_and_copies():
    poses = [draw_pose(np.random.SeedSequence(n), 30.0) for n in range(400)]
    turns = np.degrees([pose.rotation_rad for pose in poses])
    assert turns.min() >= 0 and turns.max() < 360
    assert np.histogram(turns, 4, (0, 360))[0].min() > 70
    assert len({tuple(map(float, pose.copy)) for pose in poses}) == 8
    assert np.abs([pose.place_nm for pose in poses]).max() <= 15
