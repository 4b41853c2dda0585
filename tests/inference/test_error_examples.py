"""Examples of the texture model's errors: waves of relaxed states, and which are nearest."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from moirespin.inference.cell_textures import wave_index
from moirespin.inference.error_examples import (
    ErrorExamples,
    errors_path,
    load_examples,
    nearest,
    relaxed_waves,
    save_examples,
)
from moirespin.inference.seen_waves import wave_lengths
from moirespin.physics.lattice import build_bilayer
from moirespin.probes import waves as probe

LATTICE = {"lattice_constant_nm": 0.6867, "layer_spacing_nm": 0.67}


def test_relaxed_state_gives_back_its_waves():
    index = wave_index(3)
    bilayer = build_bilayer(8, **LATTICE)
    draws = np.random.default_rng(1).standard_normal((2, 2, 3, len(index)))
    amplitudes = draws[0] + 1j * draws[1]
    amplitudes[..., 0] = amplitudes[..., 0].real
    vectors = index @ (2 * np.pi * np.linalg.inv(bilayer.supercell).T)
    spins = np.stack(
        [
            np.asarray(probe.at_points(vectors, amplitudes[layer], positions)).T
            for layer, positions in enumerate(bilayer.positions.reshape(2, -1, 2))
        ]
    )
    found, resolved = relaxed_waves(bilayer, spins.reshape(-1, 3), index)
    assert resolved.all()
    np.testing.assert_allclose(found, amplitudes, atol=1e-9)


def test_nearest_examples_are_of_the_same_branch_and_survive_a_file(tmp_path):
    index = wave_index(2)
    count = 40
    draws = np.random.default_rng(3)
    parameters = draws.uniform([1, 1, 0.01], [4, 10, 0.3], (count, 3))
    errors = np.ones((count, 2, 2, len(index))) * np.arange(count)[:, None, None, None]
    examples = ErrorExamples(np.arange(count) % 2, parameters, index, errors.astype(complex))
    model = tmp_path / "model.safetensors"
    model.write_bytes(b"weights")
    save_examples(examples, model)
    read = load_examples(model)
    wider = wave_index(3)
    found = nearest(read, 1, tuple(parameters[7]), index=wider)
    assert found[0, 0, 0, 0] == 7
    assert np.all(found[:, 0, 0, 0].real % 2 == 1)
    assert not np.any(found[:, :, 1])
    assert not np.any(found[..., wave_lengths(wider) > 2.5])
    arrays = load_file(errors_path(model))
    save_file(arrays, errors_path(model), metadata={"format": "2"})
    with pytest.raises(ValueError, match=r"in format 2, and this version of moirespin reads"):
        load_examples(model)
    save_examples(examples, model)
    model.write_bytes(b"other weights")
    with pytest.raises(ValueError, match="errors of another texture model"):
        load_examples(model)
