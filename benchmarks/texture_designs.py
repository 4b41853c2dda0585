"""What limits the texture model, and other designs of it, on branches that it has not seen.

python benchmarks/texture_designs.py results/textures/branches [--model PATH] [--epochs 300]

Printed for the unseen domain ground states of the paper's angles: mean and median of the mean
|dS^z| over the sites, its largest value, and the mean of the 99th percentile over the sites, all
states and those with walls, sqrt(J / 2 D), narrower than 2.1 lattice constants apart. Designs:

- the model as it is; given the true order parameter;
- what the network of domain textures leaves, and what the order parameter leaves, interpolated by a
  Matern kernel over the order parameter, ln D and theta, with every training texture as a centre;
- with --epochs, principal components of the tilt by one dense network without an order parameter.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from scipy.linalg import solve
from scipy.spatial.distance import cdist

from moirespin.io import netcdf
from moirespin.io.schemas.textures import BRANCHES
from moirespin.physics.lattice import build_bilayer
from moirespin.pipeline import arithmetic
from moirespin.states.settings import read_material
from moirespin.textures.cell import build_waves
from moirespin.textures.examples import as_examples, choose, site_waves, true_phases
from moirespin.textures.fitting import Dense, Settings, fit
from moirespin.textures.from_branches import held_out
from moirespin.textures.model import DOMAIN, TextureModel, domain_tilt
from moirespin.textures.model_files import SHIPPED, load_model
from moirespin.textures.modes import principal_modes
from moirespin.textures.networks import dense, features
from moirespin.textures.order import LEAST_ORDER, order_parameter
from moirespin.textures.registry import registries
from moirespin.textures.relaxed import as_branches
from moirespin.textures.training import Examples, order_parameters

# Lengths of the kernel in the order parameter, in ln D and in degrees, and its noise.
LENGTHS, NOISE = (0.1, 0.6, 0.15), 1e-4
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

    found = [order_of(model, domains) for domains in (seen, tested)]
    show("the model", draw(model, tested, found[1]))
    show("given the true order parameter", draw(model, tested, tested.order))
    place = [scaled(domains, domains.order) for domains in (seen, tested)]
    left = seen.tilt - draw(model, seen, seen.order)
    better = Interpolation(place[0], left)
    show("the same, its rest interpolated", draw(model, tested, tested.order) + better(place[1]))
    own = scaled(tested, found[1])
    show("the model, rest of textures interpolated", draw(model, tested, found[1]) + better(own))
    order = Interpolation(scaled(seen, found[0]), (seen.order - found[0])[:, None])
    order = found[1] + order(own)[:, 0]
    tilt = draw(model, tested, order) + better(scaled(tested, order))
    show("rest of both interpolated", tilt)
    if options.epochs:
        settings = Settings(96, 192, options.epochs, 128, 2e-3)
        show(f"plain components, {options.epochs} epochs", plain(seen, tested, settings))


def read(folder: Path, model: TextureModel) -> tuple[Domains, Domains, list[Unseen]]:
    """Return domain textures that a model was trained on, and the unseen ground states."""
    material = read_material(model.about)
    seed, share = (model.about["made"]["config"][name] for name in ("seed", "texture_model"))
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
        held = held_out(dataset, share["test_share"], seed)
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
    """Return the order parameters that a model gives, shape (texture,)."""
    inputs = features(domains.parameters, domains.registry, np)
    return order_parameter(model.networks["order"], inputs)


def draw(model: TextureModel, domains: Domains, order: np.ndarray) -> np.ndarray:
    """Return the waves of the tilts that a model draws, (texture, layer, channel, wave)."""
    return domain_tilt(model, domains.parameters, domains.registry, order=order)


def scaled(domains: Domains, order: np.ndarray) -> np.ndarray:
    """Return places in units of the kernel's lengths, shape (texture, 3)."""
    angle, _, anisotropy = domains.parameters.T
    return np.stack([order, np.log(anisotropy), angle], axis=1) / LENGTHS


class Interpolation:
    """Interpolation by a Matern kernel (nu = 5/2) with every example as a centre."""

    def __init__(self, places: np.ndarray, values: np.ndarray):
        """Fit to values (example, ...) at places (example, axis)."""
        self.places, self.shape = places, values.shape[1:]
        covariance = matern(places, places) + NOISE * np.eye(len(places))
        self.weights = solve(covariance, values.reshape(len(values), -1), assume_a="pos")

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """Return the values at places (point, axis)."""
        return (matern(places, self.places) @ self.weights).reshape(-1, *self.shape)


def matern(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the covariance of points (a, axis) and (b, axis), shape (a, b)."""
    distance = np.sqrt(5) * cdist(left, right)
    return (1 + distance + distance**2 / 3) * np.exp(-distance)


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
