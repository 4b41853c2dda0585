"""What limits the texture model, and other designs of it, on branches that it has not seen.

python benchmarks/texture_designs.py results/textures/branches [--model PATH] [--epochs 300]

Printed for the unseen domain ground states of the paper's angles: mean and median of the mean
|dS^z| over the sites, its largest value, and the mean of the 99th percentile over the sites, all
states and those with walls, sqrt(J / 2 D), narrower than 2.1 lattice constants apart. Designs:

- the networks alone, and given the true order parameter;
- the model as it is, which interpolates what its networks leave, and given the true one;
- the model with every training texture as a centre of that interpolation of the components;
- with --epochs, principal components of the tilt by one dense network without an order parameter.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from scipy.linalg import solve

from moirespin.io import netcdf
from moirespin.io.schemas.textures import BRANCHES, TEST
from moirespin.physics.lattice import build_bilayer
from moirespin.pipeline import arithmetic
from moirespin.states.settings import read_material
from moirespin.textures.cell import build_waves
from moirespin.textures.examples import as_examples, choose, site_waves, true_phases
from moirespin.textures.fitting import Dense, Settings, fit
from moirespin.textures.model import DOMAIN, TextureModel, domain_tilt, drawn_order
from moirespin.textures.model_files import SHIPPED, load_model
from moirespin.textures.modes import principal_modes
from moirespin.textures.networks import dense, features
from moirespin.textures.order import LEAST_ORDER
from moirespin.textures.registry import registries
from moirespin.textures.relaxed import as_branches
from moirespin.textures.rest import NONE, kernel, places
from moirespin.textures.training import Examples, order_parameters

# Variance of what is not interpolated where every texture is a centre.
NOISE = 1e-4
NARROW_WALL = 2.1


class Domains(NamedTuple):
    """Domain textures: their parameters, registries, waves of the tilt and order parameters."""

    parameters: np.ndarray
    registry: np.ndarray
    tilt: np.ndarray
    order: np.ndarray


class Unseen(NamedTuple):
    """Unseen ground states of one angle: rows of `Domains`, tilt at orbits, waves there, shares."""

    rows: slice
    tilt: np.ndarray
    at_sites: np.ndarray
    share: np.ndarray


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("branches", type=Path)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--epochs", type=int, default=0)
    options = parser.parse_args()
    arithmetic.pin_arithmetic(double=True)
    model = load_model(options.model)
    seen, tested, angles = read(options.branches, model)
    wall = np.sqrt(tested.parameters[:, 1] / (2 * tested.parameters[:, 2]))
    print(f"{len(seen.order)} textures trained on, {len(wall)} unseen ground states")
    print(f"{'design':44s}   mean  median   worst  99th %   mean with walls < {NARROW_WALL}")

    def show(design: str, tilt: np.ndarray) -> None:
        error, highest = score(tilt, angles)
        numbers = error.mean(), np.median(error), error.max(), highest.mean()
        own = error[wall < NARROW_WALL].mean()
        print(
            f"{design:44s}" + "".join(f" {number:7.1e}" for number in (*numbers, own)), flush=True
        )

    alone = model._replace(rest=NONE)
    show("the networks alone", draw(alone, tested, order_of(alone, tested)))
    show("the networks given the true order parameter", draw(alone, tested, tested.order))
    found = order_of(model, tested)
    show("the model", draw(model, tested, found))
    show("the model given the true order parameter", draw(model, tested, tested.order))
    left = seen.tilt - draw(model, seen, seen.order)
    better = Interpolation(scaled(seen, seen.order), left)
    show(
        "the model, every texture a centre",
        draw(model, tested, found) + better(scaled(tested, found)),
    )
    own = scaled(tested, tested.order)
    show("the same given the true order parameter", draw(model, tested, tested.order) + better(own))
    if options.epochs:
        settings = Settings(96, 192, options.epochs, 128, 2e-3)
        show(f"plain components, {options.epochs} epochs", plain(seen, tested, settings))


def read(folder: Path, model: TextureModel) -> tuple[Domains, Domains, list[Unseen]]:
    """Return domain textures that a model was trained on, and the unseen ground states."""
    material = read_material(model.about)
    paths = sorted(folder.glob("m*.nc"))
    indices = [int(path.stem[1:]) for path in paths]
    _, own = registries(indices, material)
    waves = build_waves(model.about["reach"])
    seen, tested, angles, first = [], [], [], 0
    for index, registry, path in zip(indices, own, paths, strict=True):
        dataset = netcdf.read(BRANCHES, path)
        bilayer = build_bilayer(index, **material.lattice._asdict())
        sets = np.stack([dataset["exchange"].values, dataset["anisotropy"].values], axis=1)
        branches = as_branches(dataset)
        examples = as_examples(waves, bilayer, registry, parameters_mev=sets, branches=branches)
        held = dataset["part"].values == TEST
        seen.append(domains_of(choose(examples, ~held)))
        if index not in model.about["made"]["config"]["sweep"]["twist_indices"]:
            continue
        rows = held & (true_phases(examples) == DOMAIN)
        known = np.isfinite(branches.tilt[:, 1, 0, 0])
        order = np.zeros(len(rows))
        order[examples.sets[1]] = order_parameters(examples)
        rows &= known & (order > LEAST_ORDER)
        if not rows.any():
            continue
        tested.append(domains_of(choose(examples, rows)))
        place = slice(first, first + rows.sum())
        at_sites, shares = site_waves(waves, bilayer)
        angles.append(Unseen(place, branches.tilt[rows, 1].astype(float), at_sites, shares))
        first = place.stop
    return joined(seen), joined(tested), angles


def domains_of(examples: Examples) -> Domains:
    """Return the domain textures of examples that have an order parameter."""
    order = order_parameters(examples)
    kept = order > LEAST_ORDER
    rows = examples.sets[1][kept]
    tilt = examples.tilt[1][kept]
    return Domains(examples.parameters[rows], examples.registry[rows], tilt, order[kept])


def joined(parts: list[Domains]) -> Domains:
    """Return the textures of several angles as one."""
    return Domains(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def order_of(model: TextureModel, domains: Domains) -> np.ndarray:
    """Return the order parameters with which a model draws, shape (texture,)."""
    return drawn_order(model, domains.parameters, domains.registry)


def draw(model: TextureModel, domains: Domains, order: np.ndarray) -> np.ndarray:
    """Return the waves of the tilts that a model draws, (texture, layer, channel, wave)."""
    return domain_tilt(model, domains.parameters, domains.registry, order=order)


def scaled(domains: Domains, order: np.ndarray) -> np.ndarray:
    """Return places in units of the kernel's lengths, shape (texture, 3)."""
    return places(domains.parameters, order)


class Interpolation:
    """Interpolation by the kernel of the model with every example as a centre."""

    def __init__(self, places: np.ndarray, values: np.ndarray):
        """Fit to values (example, ...) at places (example, axis)."""
        self.places, self.shape = places, values.shape[1:]
        covariance = kernel(places, places)[0] + NOISE * np.eye(len(places))
        self.weights = solve(covariance, values.reshape(len(values), -1), assume_a="pos")

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """Return the values at places (point, axis)."""
        return (kernel(places, self.places)[0] @ self.weights).reshape(-1, *self.shape)


def score(tilt: np.ndarray, angles: list[Unseen]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and 99th percentile of |dS^z| over the sites of each state, (state,) each."""
    means, highest = [], []
    for rows, relaxed, at_sites, share in angles:
        drawn = np.cos(np.einsum("slcw,ocw->slo", tilt[rows], at_sites, optimize=True))
        miss = np.abs(drawn - np.cos(relaxed))
        means.append((miss @ share).mean(axis=1))
        highest.append(np.quantile(miss, 0.99, axis=(1, 2)))
    return np.concatenate(means), np.concatenate(highest)


def plain(seen: Domains, tested: Domains, settings: Settings) -> np.ndarray:
    """Return tilts by principal components of whole textures, of a network of theta, J and D."""
    fields = seen.tilt.reshape(len(seen.tilt), -1, seen.tilt.shape[-1])
    basis, components = principal_modes(fields, np.ones(len(fields)), settings.components)

    def loss(network: Dense, batch: list[jnp.ndarray]) -> jnp.ndarray:
        error = network(batch[0]) * basis.scale - batch[1]
        return jnp.mean(jnp.sqrt(jnp.sum(error**2, axis=1) + 1e-12))

    inputs = [features(one.parameters, one.registry, np) for one in (seen, tested)]
    sizes = [inputs[0].shape[1], *3 * [settings.width], settings.components]
    layers = fit(sizes, loss, (inputs[0], components), settings=settings, seed=1)
    found = dense(layers, inputs[1], np) * basis.scale
    return (basis.mean + np.tensordot(found, basis.modes, axes=1)).reshape(tested.tilt.shape)


if __name__ == "__main__":
    main()
