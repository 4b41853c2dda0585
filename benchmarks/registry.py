"""How much commensurate bilayers differ by where their sites sample the interlayer exchange.

python benchmarks/registry.py [--indices 7 8 ... 33] [--scaled 10]

For each twist index: the largest deviation of the eight long waves of the exchange from the limit
of small angles, in units of the largest wave, and how far D_c at one J theta^2 (meV deg^2) lies
from the straight line in theta^2 between both neighbours.
"""

import argparse
from pathlib import Path

import numpy as np
import yaml

from moirespin.physics.lattice import twist_angle_deg
from moirespin.pipeline import arithmetic
from moirespin.states.phase_lines import critical_anisotropy
from moirespin.states.settings import build_model, read_material
from moirespin.textures.registry import registries

PROJECT = Path(__file__).parents[1]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--indices", type=int, nargs="+", default=list(range(7, 34)))
    parser.add_argument("--scaled", type=float, default=10.0)
    options = parser.parse_args()
    arithmetic.pin_arithmetic(double=True)
    config = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    material = read_material(config)
    limit, own = registries(options.indices, material)
    scatter = np.abs(own).max(axis=1) / np.abs(limit).max()
    theta = np.array([twist_angle_deg(index) for index in options.indices])
    critical = []
    for index, angle in zip(options.indices, theta, strict=True):
        _, couplings = build_model(index, material)
        critical += list(critical_anisotropy(couplings, np.array([options.scaled / angle**2])))
    expected = np.full(len(theta), np.nan)
    for place in range(1, len(theta) - 1):
        ends = [place + 1, place - 1]
        expected[place] = np.interp(theta[place] ** 2, theta[ends] ** 2, np.array(critical)[ends])
    print(f"  m   theta  waves off by (%)  D_c (meV) at J theta^2 = {options.scaled:g}  off by (%)")
    off = 100 * (np.array(critical) / expected - 1)
    for row in zip(options.indices, theta, 100 * scatter, critical, off, strict=True):
        print("{:3d} {:7.3f} {:17.3f} {:30.5f} {:11.2f}".format(*row))


if __name__ == "__main__":
    main()
