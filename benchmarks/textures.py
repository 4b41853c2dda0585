"""How long the texture model takes, once loaded.

python benchmarks/textures.py [MODEL.safetensors]
"""

import sys
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.images.window import Window, pixel_centres
from moirespin.textures.model import DOMAIN, tilt
from moirespin.textures.model_files import load_model
from moirespin.textures.placement import sample_cell, see

ROUNDS = 5
PARAMETERS = np.array([1.23, 3.0, 0.1])
BATCH = 1000


def fastest_ms(function: Callable[[], object]) -> float:
    """Return the shortest of some times after a first call."""
    function()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return 1e3 * min(times)


def main() -> None:
    """Print the times."""
    path = sys.argv[1] if len(sys.argv) > 1 else "resources/textures/c3z.safetensors"
    model = load_model(path)
    constant = model.about["lattice"]["lattice_constant_nm"]
    centres = jnp.asarray(pixel_centres(100.0, 200), jnp.float32)

    def smooth(parameters: jax.Array) -> jax.Array:
        waves = tilt(model, parameters, jnp.zeros(8), branch=DOMAIN, xp=jnp).astype(jnp.float32)
        angle = parameters[0]
        return jnp.cos(
            sample_cell(
                model.waves,
                waves,
                angle_deg=angle,
                lattice_constant_nm=constant,
                x_nm=centres,
                y_nm=centres,
                xp=jnp,
            )
        )

    one = jax.jit(smooth)
    many = jax.jit(lambda sets: jax.lax.map(lambda own: smooth(own).mean(), sets))
    sets = jnp.asarray(np.tile(PARAMETERS, (BATCH, 1)), jnp.float32)
    drawn = tilt(model, PARAMETERS, np.zeros(8), branch=DOMAIN)
    window = Window(100.0, 200)
    print("one pair of 200 x 200 pixels, parameters to S^z:")
    print(f"  smooth, JAX         {fastest_ms(lambda: one(sets[0]).block_until_ready()):8.1f} ms")
    at_sites = fastest_ms(
        lambda: see(
            model.waves, drawn, angle_deg=PARAMETERS[0], lattice_constant_nm=constant, window=window
        )
    )
    print(f"  by sites, NumPy     {at_sites:8.1f} ms")
    print(f"{BATCH} pairs, smooth: {fastest_ms(lambda: many(sets).block_until_ready()):8.1f} ms")


if __name__ == "__main__":
    main()
