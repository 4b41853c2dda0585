"""Weights and their record belong together, or are refused."""

import json

import numpy as np
import pytest

from moirespin.io import weights


@pytest.fixture
def path(tmp_path):
    weights.write({"a": np.arange(6.0).reshape(2, 3).T}, {"kind": "x"}, tmp_path / "w.safetensors")
    return tmp_path / "w.safetensors"


def test_arrays_and_record_come_back(path):
    weights.annotate(path, made="by hand")
    arrays, about = weights.read(path)
    np.testing.assert_array_equal(arrays["a"], np.arange(6.0).reshape(2, 3).T)
    assert (about["kind"], about["made"]) == ("x", "by hand")


def test_record_of_other_weights_is_refused(path, tmp_path):
    weights.write({"a": np.ones(2)}, {"kind": "x"}, tmp_path / "other.safetensors")
    path.with_suffix(".json").write_bytes((tmp_path / "other.json").read_bytes())
    with pytest.raises(ValueError, match="its checksum is wrong"):
        weights.read_record(path)


def test_record_without_a_checksum_is_refused(path):
    path.with_suffix(".json").write_text(json.dumps({"kind": "x"}))
    with pytest.raises(ValueError, match="holds no checksum"):
        weights.read(path)


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    weights.write({"a": np.array([1.0, np.nan])}, {}, tmp_path / "w.safetensors")
    with pytest.raises(ValueError, match="numbers in a are not finite"):
        weights.read(tmp_path / "w.safetensors")
