"""The parameter box, its shards and its seeds.

A parameter set is named by its twist index m and its number within that angle. Everything random
about it comes from a stream of its own, seeded by (seed, m, number, purpose): how the sweep is cut
into shards, and on how many devices it runs, changes nothing.

Units: meV. Imports NumPy only, because the Snakefile imports this module in every job.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from moirespin.states.parameter_space import Box

PARAMETERS, STARTS, SPLIT, NOISE, TILT, MEASUREMENT = range(6)


class Sweep(NamedTuple):
    """The parameter sets that are simulated.

    Attributes:
        twist_indices: commensurate index m of each angle.
        sets_per_angle: number of parameter sets of each angle.
        sets_per_shard: number of them that a job computes.
        box: ends of J and D between which sets are drawn.
    """

    twist_indices: tuple[int, ...]
    sets_per_angle: int
    sets_per_shard: int
    box: Box


class Shard(NamedTuple):
    """One job of the fan-out: sets `start` to `stop` - 1 of one twist angle."""

    twist_index: int
    chunk: int
    start: int
    stop: int


def list_shards(
    twist_indices: Sequence[int], sets_per_angle: int, sets_per_shard: int
) -> list[Shard]:
    """Return the shards of a sweep, in order of angle and chunk.

    Growing `sets_per_angle` by whole shards, or adding an angle, leaves the others as they are.
    """
    starts = range(0, sets_per_angle, sets_per_shard)
    return [
        Shard(m, chunk, start, min(start + sets_per_shard, sets_per_angle))
        for m in twist_indices
        for chunk, start in enumerate(starts)
    ]


def stream(seed: int, twist_index: int, number: int, *purpose: int) -> np.random.SeedSequence:
    """Return the seed sequence of one set for one purpose."""
    return np.random.SeedSequence(seed, spawn_key=(twist_index, number, *purpose))


def uniforms(sequence: np.random.SeedSequence, count: int) -> np.ndarray:
    """Return `count` numbers uniform in [0, 1), the same in every version of NumPy."""
    return (sequence.generate_state(count, np.uint64) >> np.uint64(11)) * 2.0**-53


def draw_parameters(
    seed: int,
    twist_index: int,
    numbers: range,
    *,
    box: Box,
) -> np.ndarray:
    """Return (J, D) of each set, uniform in the box, shape (set, 2), in meV.

    Status: the ranges are the paper's text, uniform draws our reading of "randomly generated".
    """
    lower, upper = np.transpose(box)
    draws = [uniforms(stream(seed, twist_index, number, PARAMETERS), 2) for number in numbers]
    return lower + (upper - lower) * np.reshape(draws, (-1, 2))


def draw_directions(
    seed: int, twist_index: int, number: int, *, start: int, sites: int
) -> np.ndarray:
    """Return one random start: directions uniform on the sphere, shape (3, site), float32."""
    generator = np.random.Generator(
        np.random.Philox(stream(seed, twist_index, number, STARTS, start))
    )
    vectors = generator.standard_normal((3, sites), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=0)


def draw_split(seed: int, twist_index: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return the number in [0, 1) that decides each sample's part in the split."""
    pairs = zip(twist_index.tolist(), number.tolist(), strict=True)
    return np.array([uniforms(stream(seed, m, n, SPLIT), 1)[0] for m, n in pairs])
