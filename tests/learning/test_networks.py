"""Networks by kind: weights by seed, and files that are whole, of the right network, or refused."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from flax import nnx
from safetensors.numpy import load_file, save_file

from moirespin.learning.networks import annotate, build, flatten, load_network, save_network
from moirespin.states.parameter_space import Ranges

REGRESSOR = {"pixels": 6, "first": 5, "features": 4, "third": 3}
RANGES = Ranges(twist_angle=(1.0, 4.0), exchange=(1.0, 10.0), anisotropy=(0.0, 0.3))
GENERATOR = {"pixels": 7, "first": 5, "second": 4, "input_scale": [8.0, 2.0, 2.0]}


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


def refusal(path, *expected, **more):
    with pytest.raises(ValueError, match=r"some_model\.safetensors") as error:
        load_network(str(path), *expected, **more)
    sentence = str(error.value)
    assert sentence.endswith((": delete it and run snakemake again", "&& snakemake"))
    assert "\n" not in sentence
    return sentence


def test_the_network_that_is_expected_is_given(saved):
    path, network = saved
    annotate(str(path), ranges=RANGES._asdict())
    found, *_ = load_network(str(path), "regressor", 6, RANGES)
    images = np.random.default_rng(1).normal(size=(4, 2, 6, 6)).astype(np.float32)
    np.testing.assert_array_equal(found(images), network(images))


def test_a_network_of_another_config_is_refused(saved):
    path, _ = saved
    assert "is of the kind 'regressor', not generator" in refusal(path, "generator")
    assert "is for 6 x 6 pixels, not 40 x 40" in refusal(path, "regressor", 40)
    annotate(str(path), ranges=RANGES._asdict())
    sentence = refusal(path, "regressor", 6, RANGES._replace(exchange=(1.0, 12.5)))
    assert "was trained with exchange from 1 to 10, not from 1 to 12.5" in sentence


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"kind": "transformer"},
            "is of the kind 'transformer', not regressor or generator or joint",
        ),
        ({"kind": None}, "is of the kind None, not regressor"),
        ({"shape": {"pixels": 6}}, "has no usable shape in its JSON"),
        ({"shape": "large"}, "has no usable shape in its JSON"),
        ({"shape": REGRESSOR | {"first": -1}}, "has no usable shape in its JSON"),
        (
            {"shape": REGRESSOR | {"pixels": 8}},
            "kernel/value is (36, 5), the network needs (64, 5)",
        ),
    ],
)
def test_a_json_of_another_network_is_refused(saved, change, said):
    path, _ = saved
    annotate(str(path), **change)
    assert said in refusal(path)


def test_a_json_that_describes_nothing_is_refused(saved):
    path, _ = saved
    path.with_suffix(".json").write_text("[1, 2]")
    assert "is of the kind None" in refusal(path)


def test_weights_without_a_layer_are_refused(saved):
    path, _ = saved
    arrays = load_file(path)
    del arrays["output/bias/value"]
    save_file(arrays, path)
    assert "output/bias/value is nothing, the network needs (1,)" in refusal(path)


@pytest.mark.parametrize("kept", [0, 4, 100, -1], ids=lambda kept: f"{kept} bytes")
def test_truncated_weights_are_refused(saved, kept):
    path, _ = saved
    path.write_bytes(path.read_bytes()[:kept])
    assert "is unreadable" in refusal(path)


def test_a_pickle_is_never_opened(saved, tmp_path):
    path, _ = saved

    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    path.write_bytes(pickle.dumps(Trap()))
    assert "is unreadable" in refusal(path)
    assert not (tmp_path / "sprung").exists()


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
