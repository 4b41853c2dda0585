"""Are images of states whose domains are split between the layers called unexplained?

python benchmarks/split_domains.py [results/laptop] [--indices 20 26 32] [--sets 4] [--snr-db 20]

Of some ground states with domains one of the three patches is put into the other layer and the
state relaxed, as in the rule `mixed_layers`. Images of 100 nm and 100 x 100 pixels through each
kind of probe, in a random pose, are read by the shipped texture model, which knows no such state.
Printed for each kind: how many are called unexplained, and how far such an image lies from the
nearest one of the model, in standard deviations of the noise.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
import yaml

from moirespin.inference.model_files import load_textures
from moirespin.inference.simulated import posed_waves, take
from moirespin.inference.trial import TESTED, TrialPlan, draw_take, judge_reading, knowledge
from moirespin.io import netcdf
from moirespin.io.schemas.states import SHARD
from moirespin.pipeline import arithmetic
from moirespin.probes.stray_field import Moment
from moirespin.solver.batch import relax_many
from moirespin.solver.relaxation import CONVERGED, Solver
from moirespin.states.ground_state import patch_profile
from moirespin.states.mixed_layers import nearest_patch, reversed_patches, split_start
from moirespin.states.phases import DOMAIN, Thresholds, classify
from moirespin.states.settings import build_model, read_material
from moirespin.textures.model_files import SHIPPED

PROJECT = Path(__file__).parents[1]
CHANNELS = ["net", "top", "both", "stray-field"]
SEED, LANES, HEIGHT_NM = 3, 16, 10.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?", default=PROJECT / "results/laptop")
    parser.add_argument("--indices", type=int, nargs="+", default=[20, 26, 32])
    parser.add_argument("--sets", type=int, default=4, help="of each angle")
    parser.add_argument("--snr-db", type=float, default=20.0)
    options = parser.parse_args()
    arithmetic.pin_arithmetic(double=True)
    config = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    model = load_textures(str(SHIPPED), Moment(**config["magnet"]))
    rows = []
    for index in options.indices:
        (shard, *_) = sorted((options.run / "shards").glob(f"m{index:02d}/*.nc"))
        states = netcdf.read(SHARD, shard)
        for number, exchange, anisotropy, spins in split_states(states, options.sets, config):
            bilayer, _ = build_model(index, read_material(config))
            period = float(np.linalg.norm(bilayer.supercell[0]))
            for place, channel in enumerate(CHANNELS):
                plan = TrialPlan(
                    [channel], 100.0, 100, 0.8, (HEIGHT_NM, HEIGHT_NM), 2 * (options.snr_db,), 500
                )
                own = draw_take(
                    plan, seed=SEED + place, twist_index=index, number=number, period_nm=period
                )
                texture = posed_waves(bilayer, spins, own.pose)
                seen = partial(take, texture, magnet=model.magnet, noise=own.noise)
                truth = [float(states["twist_angle"][0]), exchange, anisotropy]
                found = judge_reading(
                    seen(own.camera)[0],
                    knowledge(own, model),
                    model,
                    quiet=seen(own.camera._replace(snr_db=np.inf))[0],
                    truth=dict(zip(TESTED, truth, strict=True)),
                    samples=plan.samples,
                    seed=number,
                )
                rows.append({"m": index, "set": number, "channel": channel} | found)
                print(index, number, channel, found["outcome"][:12], found["p_value"], flush=True)
    table = pd.DataFrame(rows)
    table["read"] = table["outcome"] == "read"
    summary = (
        table[table["read"]]
        .groupby("channel")
        .agg(
            images=("read", "size"),
            unexplained=("unexplained", "sum"),
            nearest_sigma=("distance_sigma", "min"),
            median_sigma=("distance_sigma", "median"),
        )
    )
    print(summary.to_string())


def split_states(
    states: xr.Dataset, count: int, config: dict
) -> list[tuple[int, float, float, np.ndarray]]:
    """Return number, J, D and relaxed spins (site, component) of split domain states."""
    index = int(states["twist_index"][0])
    _, couplings = build_model(index, read_material(config))
    patches = patch_profile(couplings)
    numbers = nearest_patch(couplings, patches)
    start = split_start(patches, numbers == 0, 1)
    phases = classify(states["magnetization"].values, Thresholds(**config["phases"]))
    rows = np.flatnonzero(phases == DOMAIN)[:count]
    parameters = np.stack([states["exchange"].values, states["anisotropy"].values], axis=1)[rows]
    found = []
    for relaxed in relax_many(
        lambda task: start, parameters, couplings, solver=Solver(**config["relax"]), lanes=LANES
    ):
        for task, spins, status in zip(relaxed.task, relaxed.spins, relaxed.status, strict=True):
            top, bottom = reversed_patches(spins, patches, numbers)
            if status == CONVERGED and top.any() and bottom.any():
                whole = np.stack([spins[0], np.zeros_like(spins[0]), spins[-1]], axis=1)
                number = int(states["set_number"][rows[task]])
                found.append((number, *map(float, parameters[task]), whole))
    return found


if __name__ == "__main__":
    main()
