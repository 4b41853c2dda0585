"""Networks: shapes, repeatability, files."""

import json

import jax
import numpy as np
import pytest
from flax import nnx

from moirespin.networks import build, flatten, load_network, save_network

REGRESSOR = {"pixels": 6, "first": 5, "features": 4, "third": 3}
GENERATOR = {"pixels": 7, "first": 5, "second": 4, "input_scale": [8.0, 2.0, 2.0]}


def count_weights(network):
    return sum(leaf.size for leaf in jax.tree.leaves(nnx.state(network, nnx.Param)))


def test_regressor_is_the_papers():
    network = build("regressor", REGRESSOR, 0)
    assert network(np.zeros((9, 2, 6, 6), np.float32)).shape == (9, 1)
    branch = (36 * 5 + 5) + (5 * 4 + 4)
    head = (8 * 3 + 3) + (3 * 4 + 4) + (4 + 1)
    assert count_weights(network) == 2 * branch + head


def test_generator_is_the_papers():
    network = build("generator", GENERATOR, 0)
    assert network(np.zeros((9, 3), np.float32)).shape == (9, 2, 7, 7)
    assert count_weights(network) == (3 * 5 + 5) + (5 * 4 + 4) + (4 * 98 + 98)


def test_layers_have_branches_of_their_own():
    network = build("regressor", REGRESSOR, 0)
    images = np.random.default_rng(0).normal(size=(4, 2, 6, 6)).astype(np.float32)
    assert np.abs(network(images) - network(images[:, ::-1])).max() > 1e-4


def test_samples_of_a_batch_do_not_mix():
    network = build("regressor", REGRESSOR, 0)
    images = np.random.default_rng(0).normal(size=(4, 2, 6, 6)).astype(np.float32)
    alone = np.concatenate([network(image[None]) for image in images])
    np.testing.assert_allclose(network(images), alone, atol=1e-6)


def test_weights_depend_on_the_seed_only():
    one, same, other = (flatten(nnx.state(build("generator", GENERATOR, s))) for s in (1, 1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], same[name])
    assert any(np.any(one[name] != other[name]) for name in one)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "some_model.safetensors"
    network = build("regressor", REGRESSOR, 3)
    about = {"kind": "regressor", "shape": REGRESSOR, "seed": 0, "history": [{"loss": 0.5}]}
    save_network(str(path), network, {"input_mean": np.ones((2, 6, 6), np.float32)}, about)
    return path, network


def test_round_trip(saved):
    path, network = saved
    found, arrays, about = load_network(str(path))
    images = np.random.default_rng(1).normal(size=(4, 2, 6, 6)).astype(np.float32)
    np.testing.assert_array_equal(found(images), network(images))
    np.testing.assert_array_equal(arrays["input_mean"], 1)
    assert about["history"] == [{"loss": 0.5}]
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["some_model.json", "some_model.safetensors"]


def test_another_shape_is_refused_by_name(saved):
    path, _ = saved
    about = json.loads(path.with_suffix(".json").read_text())
    about["shape"]["third"] = 8
    path.with_suffix(".json").write_text(json.dumps(about))
    with pytest.raises(ValueError, match=r"some_model\.safetensors: head/0/.* the network needs"):
        load_network(str(path))


@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_damage_is_one_sentence_with_the_name(saved, suffix, damage):
    path, _ = saved
    damaged = path.with_suffix(suffix)
    if damage == "missing":
        damaged.unlink()
    else:
        damaged.write_bytes(damaged.read_bytes()[:50])
    with pytest.raises(ValueError, match=r"some_model\.safetensors is unreadable"):
        load_network(str(path))


def test_generator_stretches_its_inputs():
    stretched = build("generator", GENERATOR, 0)
    plain = build("generator", GENERATOR | {"input_scale": [1.0, 1.0, 1.0]}, 0)
    parameters = np.random.default_rng(0).uniform(size=(4, 3)).astype(np.float32)
    scale = np.array(GENERATOR["input_scale"], np.float32)
    np.testing.assert_allclose(stretched(parameters), plain(parameters * scale), rtol=1e-6)
