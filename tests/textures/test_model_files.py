"""Files of the texture model."""

import numpy as np
import pytest

from moirespin.io.weights import annotate
from moirespin.textures.model import DOMAIN, NONCOLLINEAR, tilt
from moirespin.textures.model_files import FORMAT, load_model, save_model
from random_texture_model import parameter_sets, random_model

NO_REGISTRY = np.zeros(8)


def test_a_model_survives_its_files(tmp_path):
    model = random_model()
    path = tmp_path / "model.safetensors"
    save_model(model, path)
    again = load_model(path)
    sets = parameter_sets()
    for branch in (NONCOLLINEAR, DOMAIN):
        expected = tilt(model, sets, NO_REGISTRY, branch=branch)
        np.testing.assert_allclose(
            tilt(again, sets, NO_REGISTRY, branch=branch), expected, atol=1e-5
        )
    for change, said in (
        ({"format": 99}, "is a texture_model of format 99, and this version of moirespin reads"),
        ({"kind": "regressor"}, "is of the kind 'regressor', not a texture_model"),
    ):
        annotate(path, **{"kind": "texture_model", "format": FORMAT} | change)
        with pytest.raises(ValueError, match=said):
            load_model(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="cannot be read as a texture model"):
        load_model(path)
