"""Networks by kind: weights by seed, and files that are whole, of the right network, or refused."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from flax import nnx
from safetensors.numpy import load_file, save_file

from moirespin.io import checksum
from moirespin.io.weights import annotate
from moirespin.learning.networks import build, flatten, load_network, save_network
from moirespin.states.parameter_space import Ranges

REGRESSOR = {"pixels": 6, "first": 5, "features": 4, "third": 3}
RANGES = Ranges(twist_angle=(1.0, 4.0), exchange=(1.0, 10.0), anisotropy=(0.0, 0.3))
GENERATOR = {"pixels": 7, "first": 5, "second": 4, "input_scale": [8.0, 2.0, 2.0]}


def test_weights_depend_on_the_seed_only():
    one, same, other = (flatten(nnx.state(build("generator", GENERATOR, s))) for s in (1, 1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], same[name])
    assert any(np.any(one[name] != other[name]) for name in one)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with the files of a network, and the network."""
    path = tmp_path_factory.mktemp("written") / "some_model.safetensors"
    network = build("regressor", REGRESSOR, 3)
    about = {"kind": "regressor", "target": "exchange", "shape": REGRESSOR, "seed": 0}
    about["history"] = [{"loss": 0.5}]
    save_network(str(path), network, {"input_mean": np.ones((2, 6, 6), np.float32)}, about=about)
    return path.parent, network


@pytest.fixture
def saved(written, tmp_path):
    """The network and files of it that a test may damage."""
    folder, network = written
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return tmp_path / "some_model.safetensors", network


@pytest.mark.slow
def test_round_trip(saved):
    path, network = saved
    found, arrays, about = load_network(str(path))
    images = np.random.default_rng(1).normal(size=(4, 2, 6, 6)).astype(np.float32)
    np.testing.assert_array_equal(found(images), network(images))
    np.testing.assert_array_equal(arrays["input_mean"], 1)
    assert about["history"] == [{"loss": 0.5}]
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["some_model.json", "some_model.safetensors"]


def refusal(path, *kind, **expected):
    with pytest.raises(ValueError, match=r"some_model\.safetensors") as error:
        load_network(str(path), *kind, **expected)
    sentence = str(error.value)
    assert sentence.endswith(f": repair it with: rm -f {path} && snakemake")
    assert "\n" not in sentence
    return sentence


def test_the_network_that_is_expected_is_given(saved):
    path, network = saved
    annotate(str(path), ranges=RANGES._asdict())
    found, *_ = load_network(str(path), "regressor", 6, ranges=RANGES)
    weights = flatten(nnx.state(network))
    for name, array in flatten(nnx.state(found)).items():
        np.testing.assert_array_equal(array, weights[name])


def test_a_network_of_another_config_is_refused(saved):
    path, _ = saved
    assert "is a network of the kind 'regressor', not 'generator'" in refusal(path, "generator")
    said = refusal(path, "regressor", target="anisotropy")
    assert "is a network of the target 'exchange', not 'anisotropy'" in said
    assert "is for 6 x 6 pixels, not 40 x 40" in refusal(path, "regressor", 40)
    annotate(str(path), ranges=RANGES._asdict())
    sentence = refusal(path, "regressor", 6, ranges=RANGES._replace(exchange=(1.0, 12.5)))
    assert "was trained with exchange from 1 to 10, not from 1 to 12.5" in sentence


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "transformer"}, "(kind: 'transformer' is not one of ['regressor', 'generator',"),
        ({"kind": None}, "(kind: None is not one of ['regressor',"),
        ({"ranges": 5}, "(ranges: 5 is not of type 'object')"),
        ({"ranges": {"exchange": [1]}}, "(ranges.exchange: [1] is too short)"),
        ({"seed": "one"}, "(seed: 'one' is not of type 'integer')"),
        ({"shape": "large"}, "(shape: 'large' is not of type 'object')"),
        ({"format": 2}, "is a network of format 2, and this version of moirespin reads 1"),
        ({"shape": {"pixels": 6}}, "has no usable shape"),
        ({"shape": REGRESSOR | {"first": -1}}, "has no usable shape"),
        ({"shape": REGRESSOR | {"pixels": 900_000}}, "the network needs (810000000000, 5)"),
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
    assert "is unreadable (its JSON holds no checksum)" in refusal(path)


def test_a_json_nested_without_end_is_refused(saved):
    path, _ = saved
    path.with_suffix(".json").write_text("[" * 100_000)
    assert "is unreadable (maximum recursion depth exceeded" in refusal(path)


def replace_weights(path, arrays):
    """Write weights and their right checksum."""
    save_file(arrays, path)
    annotate(str(path), sha256=checksum.digest(path))


def test_weights_of_another_network_are_refused(saved, tmp_path):
    path, _ = saved
    other = build("regressor", REGRESSOR, 4)
    about = json.loads(path.with_suffix(".json").read_text())
    save_network(str(tmp_path / "other.safetensors"), other, {}, about=about)
    (tmp_path / "other.safetensors").replace(path)
    assert "is unreadable (its checksum is wrong)" in refusal(path)


def test_every_flipped_bit_of_the_weights_is_noticed(saved):
    path, _ = saved
    whole = path.read_bytes()
    for place in range(0, len(whole), 97):
        content = bytearray(whole)
        content[place] ^= 16
        path.write_bytes(content)
        assert "its checksum is wrong" in refusal(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(saved, value):
    path, _ = saved
    arrays = load_file(path)
    arrays["head/0/bias/value"][1] = value
    replace_weights(path, arrays)
    assert "is unreadable (numbers in head/0/bias/value are not finite)" in refusal(path)


def test_weights_without_a_layer_are_refused(saved):
    path, _ = saved
    arrays = load_file(path)
    del arrays["output/bias/value"]
    replace_weights(path, arrays)
    assert "output/bias/value is nothing, the network needs (1,)" in refusal(path)


@pytest.mark.parametrize("kept", [0, 4, 100, -1], ids=lambda kept: f"{kept} bytes")
def test_truncated_weights_are_refused(saved, kept):
    path, _ = saved
    path.write_bytes(path.read_bytes()[:kept])
    assert "its checksum is wrong" in refusal(path)
    annotate(str(path), sha256=checksum.digest(path))
    assert "is unreadable" in refusal(path)


def test_a_pickle_is_never_opened(saved, tmp_path):
    path, _ = saved

    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    path.write_bytes(pickle.dumps(Trap()))
    annotate(str(path), sha256=checksum.digest(path))
    assert "is unreadable" in refusal(path)
    assert not (tmp_path / "sprung").exists()


def test_another_shape_is_refused_by_name(saved):
    path, _ = saved
    about = json.loads(path.with_suffix(".json").read_text())
    about["shape"]["third"] = 8
    path.with_suffix(".json").write_text(json.dumps(about))
    said = refusal(path)
    assert "its JSON is of another network: head/0/" in said
    assert "(3,), the network needs (8,)" in said


@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_damage_is_one_sentence_with_the_name(saved, suffix, damage):
    path, _ = saved
    damaged = path.with_suffix(suffix)
    if damage == "missing":
        damaged.unlink()
    else:
        damaged.write_bytes(damaged.read_bytes()[:50])
    said = refusal(path)
    if damage == "damaged" and suffix == ".safetensors":
        assert "its checksum is wrong" in said
    else:
        assert "is unreadable" in said
