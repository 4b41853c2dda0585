"""A finished run in Python: its datasets, tables, states, textures and networks."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.front.drawing import PAPER_WINDOW
from moirespin.images.raster import first_quadrant
from moirespin.images.state_texture import as_texture
from moirespin.images.window import Window
from moirespin.io import netcdf, packed_images, run_files
from moirespin.io.checksum import check_seal
from moirespin.io.damage import reading
from moirespin.io.export.texture import Texture
from moirespin.io.schemas.states import PHASE_DIAGRAM, SHARD
from moirespin.physics.lattice import build_bilayer, twist_angle_deg
from moirespin.states.description import describe
from moirespin.states.parameter_space import Ranges
from moirespin.states.phases import Thresholds

ESTIMATES = ("twist_angle_deg", "exchange_mev", "anisotropy_mev")
NETWORKS = ("paper", "joint")


@dataclass(frozen=True)
class Run:
    """A run's folder.

    Attributes:
        folder: where it lies.
        config: the config that its phase diagram was made with.
    """

    folder: Path
    config: dict[str, Any] = field(repr=False)

    def dataset(self, name: str) -> xr.Dataset:
        """Return a netCDF file of the run, such as "phase_diagram.nc", checked.

        What holds images, which can be larger than the memory, is read when it is used; all else is
        loaded.

        Raises:
            ValueError: if the run has no such file, or it is damaged.
        """
        schema, path = run_files.schema_of(name), self._path(name)
        if not packed_images.image_names(schema):
            return netcdf.read(schema, path)
        with reading(path):
            check_seal(path)
            file = xr.open_dataset(path, engine="netcdf4")
        return netcdf.require(schema, file, path)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table, such as "regression", or the numbers of a figure, such as "fig05".

        Raises:
            ValueError: if the run has neither.
        """
        for place in (f"tables/{name}.csv", f"figures/{name}.csv"):
            if (self.folder / place).is_file():
                return pd.read_csv(self.folder / place, low_memory=False)
        found = [path.stem for path in sorted(self.folder.glob("tables/*.csv"))]
        raise ValueError(f"{self.folder} has no table {name}: it has {', '.join(found)}")

    def state(self, twist_index: int, set_number: int) -> xr.Dataset:
        """Return one relaxed state: spins, energies, sites; schema `shard` without its sets.

        Args:
            twist_index: commensurate index m.
            set_number: number of the parameter set within its twist angle, from 0.

        Raises:
            ValueError: if the run has no such set, or no shards, as in an archive.
        """
        return next(self.states(twist_index, [set_number]))

    def states(self, twist_index: int, set_numbers: Sequence[int]) -> Iterator[xr.Dataset]:
        """Yield several relaxed states of one twist angle; see `state`."""
        place = f"shards/m{twist_index:02d}"
        shards = sorted((self.folder / place).glob("*.nc"))
        if not shards:
            known = sorted(path.name for path in self.folder.glob("shards/m*"))
            reason = f"angles: {', '.join(known)}" if known else "an archive holds no relaxed spins"
            raise ValueError(f"{self.folder} has no {place} ({reason})")
        numbers = {path: _numbers(path) for path in shards}
        last = max(int(held.max()) for held in numbers.values())
        for number in set_numbers:
            path = next((path for path, held in numbers.items() if number in held), None)
            if path is None:
                raise ValueError(f"{self.folder}/{place} has sets 0 to {last}, but no set {number}")
            with netcdf.opened(SHARD, path) as shard:
                place_in_shard = int(np.flatnonzero(numbers[path] == number)[0])
                yield shard.isel(set=place_in_shard).load()

    def describe(self, state: xr.Dataset) -> dict[str, Any]:
        """Return what a state is, as `moirespin state` prints it."""
        return describe(state, Thresholds(**self.config["phases"]))

    def texture(self, twist_index: int, set_number: int, window: Window = PAPER_WINDOW) -> Texture:
        """Return one relaxed state with its sites and its images through a window.

        Raises:
            ValueError: as `state`.
        """
        return self.as_texture(self.state(twist_index, set_number), window)

    def as_texture(self, state: xr.Dataset, window: Window = PAPER_WINDOW) -> Texture:
        """Return a state of `state` or `states` with its images through a window."""
        bilayer = build_bilayer(int(state["twist_index"]), **self.config["lattice"])
        about = {"set_number": int(state["set_number"])} | self.describe(state)
        return as_texture(bilayer, state["spins"].values, window, about=about)

    def estimate(self, images: np.ndarray, networks: str = "joint") -> pd.DataFrame:
        """Return theta, J and D of images by the trained networks of the run.

        Args:
            images: S^z in windows like those of the run's dataset, shape (sample, layer, y, x),
                rows upwards.
            networks: "paper" for the paper's three networks, or "joint".

        Returns:
            Columns `twist_angle_deg`, `exchange_mev`, `anisotropy_mev`, a row for each sample.

        Raises:
            ValueError: if the images are of another size, or a network cannot be read.
        """
        # Imported here: JAX takes a second, and no other function needs it.
        from moirespin.learning.joint_network import exponentials
        from moirespin.learning.networks import load_network
        from moirespin.learning.prediction import (
            apply_network,
            estimate_parameters,
            load_networks,
        )

        images = np.asarray(images, np.float32)
        pixels = self.config["images"]["pixels"]
        if images.ndim != 4 or images.shape[1:] != (2, pixels, pixels):
            raise ValueError(
                f"images have shape {images.shape}: the networks of {self.folder} need"
                f" (sample, 2, {pixels}, {pixels})"
            )
        quadrants = np.ascontiguousarray(first_quadrant(images))
        ranges, size = self.ranges(), quadrants.shape[-1]
        if networks == "joint":
            path = str(self._path("models/joint.safetensors"))
            network, _, _ = load_network(path, "joint", size, ranges=ranges)
            found = exponentials(apply_network(network, quadrants), ranges)
        elif networks == "paper":
            paths = {n: str(self._path(f"models/{n}.safetensors")) for n in netcdf.PARAMETERS}
            found = estimate_parameters(quadrants, load_networks(paths, size, ranges), ranges)
        else:
            raise ValueError(f"networks is {networks!r}: it can be one of {', '.join(NETWORKS)}")
        return pd.DataFrame(found, columns=list(ESTIMATES))

    def ranges(self) -> Ranges:
        """Return the ends of theta (degree), J and D (meV) that the run covers."""
        sweep = self.config["sweep"]
        angles = [twist_angle_deg(index) for index in sweep["twist_indices"]]
        ends = tuple(sweep["exchange_mev"]), tuple(sweep["anisotropy_mev"])
        return Ranges((min(angles), max(angles)), *ends)

    def texture_model(self) -> Path:
        """Return the path of the run's texture model, for `draw` and `infer`."""
        return self._path("models/textures.safetensors")

    def _path(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise ValueError(f"{self.folder} has no {name}")
        return path


def open_run(folder: str | Path) -> Run:
    """Return the run in a folder, such as "results/laptop", or in an unpacked archive.

    Raises:
        ValueError: if that is not the folder of a run.
    """
    folder = Path(folder)
    diagram = folder / "phase_diagram.nc"
    if not diagram.is_file():
        raise ValueError(f"{folder} is not the folder of a finished run: it has no {diagram.name}")
    with netcdf.opened(PHASE_DIAGRAM, diagram) as file:
        return Run(folder, json.loads(file.attrs["config"]))


def _numbers(shard: Path) -> np.ndarray:
    with reading(shard), xr.open_dataset(shard) as file:
        return file["set_number"].values
