"""Files of the texture model."""

import numpy as np
import pytest

from moirespin.io import weights
from moirespin.io.weights import annotate
from moirespin.textures.model import DOMAIN, NONCOLLINEAR, tilt
from moirespin.textures.model_files import FORMAT, load_model, save_model
from moirespin.textures.rest import NONE
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


def test_files_from_before_the_rest_are_read(tmp_path):
    model = random_model()._replace(rest=NONE)
    path = tmp_path / "model.safetensors"
    save_model(model, path)
    arrays, about = weights.read(path)
    old = {name: array for name, array in arrays.items() if not name.startswith("rest/")}
    weights.write(old, about | {"format": 2}, path)
    again = load_model(path)
    assert len(again.rest.equation) == 0
    sets = parameter_sets()
    expected = tilt(model, sets, NO_REGISTRY, branch=DOMAIN)
    np.testing.assert_allclose(tilt(again, sets, NO_REGISTRY, branch=DOMAIN), expected, atol=1e-5)
    # Written again, it is a file of the present format.
    save_model(again, path)
    assert load_model(path).about["format"] == FORMAT
