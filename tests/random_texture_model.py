"""A texture model with random weights, for tests of what holds whatever its weights are."""

from itertools import pairwise

import numpy as np

from moirespin.physics.lattice import twist_angle_deg
from moirespin.textures.cell import build_waves, squared_length
from moirespin.textures.model import Basis, TextureModel
from moirespin.textures.networks import REGISTRY_WAVES, Layer
from moirespin.textures.rest import Rest, places

FEATURES = 4 + len(REGISTRY_WAVES)
COMPONENTS = 3
INDICES = np.array([12, 16])


def random_model(reach: float = 4.0) -> TextureModel:
    """Return a model whose textures are smooth and whose D_c is near 0.2 meV."""
    generator = np.random.default_rng(7)
    waves = build_waves(reach)
    lengths = np.repeat(np.sqrt(squared_length(waves.stars)), 2)[1:]
    decay = np.exp(-lengths) * np.array([[1.0], [0.05]])

    def layers(inputs, outputs):
        sizes = [inputs, 8, outputs]
        return [
            Layer(generator.normal(size=(a, b)) / np.sqrt(a), 0.1 * generator.normal(size=b))
            for a, b in pairwise(sizes)
        ]

    def basis():
        fields = generator.normal(size=(COMPONENTS + 1, 2, waves.number)) * decay
        return Basis(fields[0], fields[1:], np.full(COMPONENTS, 0.3))

    networks = {
        "limit": layers(FEATURES - 2, 1),
        "order": layers(FEATURES + 1, 1),
        "gain": layers(FEATURES + 2, 1),
        "noncollinear": layers(FEATURES, 1 + COMPONENTS),
        "domain": layers(FEATURES + 2, 2 * COMPONENTS),
    }
    networks["limit"][-1].bias[:] = np.log(0.2)
    make_monotonic(networks["order"])
    networks["gain"][-1].weights[:] *= 0.1
    about = {
        "ranges": {"twist_angle": [0.1, 4.0], "exchange": [1.0, 10.0], "anisotropy": [0.01, 0.3]},
        "smallest_trained_deg": 0.5,
        "least_exchange_mev": 0.1,
        "lattice": {"lattice_constant_nm": 0.6867, "layer_spacing_nm": 0.67},
    }
    registries = 1e-4 * generator.normal(size=(len(INDICES), len(REGISTRY_WAVES)))
    exchange = 0.01 * generator.normal(size=len(REGISTRY_WAVES))
    bases = {name: basis() for name in ("noncollinear", "even", "odd")}
    rest = random_rest(generator)
    return TextureModel(waves, networks, bases, exchange, INDICES, registries, about, rest)


def random_rest(generator: np.random.Generator) -> Rest:
    """Return the rest of networks about a few textures, small and exact in 16 bits."""
    sets = parameter_sets()
    centres = places(sets, generator.uniform(0.2, 0.8, len(sets))).astype(np.float32)
    sizes = [len(sets)], (len(sets) // 2, 2 * COMPONENTS)
    weights = [generator.integers(-9, 9, size) / 2**9 for size in sizes]
    return Rest(centres, 0.1 * weights[0], weights[1])


def make_monotonic(layers: list[Layer]) -> None:
    """Make the equation of state that of domains which shrink as J theta^2 grows."""
    layers[0].weights[-2:] = 0
    layers[0].weights[-2, 0] = 1
    layers[1].weights[:] *= 0.1
    layers[1].weights[0] = -1.5


def parameter_sets() -> np.ndarray:
    """Return sets within the box, some on each side of the stability limit, shape (set, 3)."""
    generator = np.random.default_rng(3)
    low, high = (1.0, 1.0, 0.01), (twist_angle_deg(8), 10.0, 0.15)
    return generator.uniform(low, high, (12, 3))
