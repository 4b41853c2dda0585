"""Make the example measurement of this folder again: relax, pose, photograph, add noise.

    .venv/bin/python resources/measurements/make_example.py

The state is drawn with a seed of its own at a twist angle that the shipped texture model was not
trained at, and is relaxed here: no model has a part in the image. What went in is in the record
beside it.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from moirespin.inference.seen_waves import Copy
from moirespin.inference.simulated import Camera, Pose, posed_waves, take
from moirespin.io import provenance
from moirespin.physics.lattice import build_bilayer, twist_angle_deg
from moirespin.pipeline import arithmetic
from moirespin.probes.instrument import ReadOut
from moirespin.probes.stray_field import Moment, sheets
from moirespin.states.parameter_sets import simulate_sets
from moirespin.states.settings import read_recipe, read_sweep
from moirespin.states.sweep import draw_parameters, stream

ROOT = Path(__file__).parents[2]
SEED = 1911
TWIST_INDEX, SET = 34, 2
POSE = Pose(np.radians(37.0), (6.0, -4.0), 0.0, Copy(-1.0, 0.0, 1.0))
# A Kerr-like image: mean of both layers, counts of a camera with a tilted background.
CAMERA = Camera(
    "net",
    window_nm=120.0,
    pixels=96,
    point_spread_nm=1.0,
    height_nm=1.0,
    axis=(0.0, 0.0, 1.0),
    snr_db=10.0,
    scale=ReadOut(4000.0, 30_000.0, np.array([8.0, -5.0])),
)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make the example measurement again.")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("example.tif"))
    options = parser.parse_args()
    arithmetic.refuse_altering_flags()
    arithmetic.pin_arithmetic(double=True)
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    box = read_sweep(config["sweep"]).box
    parameters = draw_parameters(SEED, TWIST_INDEX, range(SET, SET + 1), box=box)
    recipe = read_recipe(config)
    states = simulate_sets(TWIST_INDEX, np.array([SET]), parameters, recipe=recipe, lanes=3)
    bilayer = build_bilayer(TWIST_INDEX, **config["lattice"])
    texture = posed_waves(bilayer, states["spins"].values[0], POSE)
    magnet = sheets(Moment(**config["magnet"]), **config["lattice"])
    measurement, noise = take(texture, CAMERA, magnet, noise=stream(SEED, TWIST_INDEX, SET))
    counts = np.clip(np.round(measurement.images[0]), 0, 2**16 - 1).astype(np.uint16)
    # Rows of a picture run downwards.
    Image.fromarray(counts[::-1]).save(options.out)
    record = {
        "made_by": "resources/measurements/make_example.py",
        "moirespin_version": provenance.moirespin_version(),
        "truth": {
            "twist_angle_deg": twist_angle_deg(TWIST_INDEX),
            "exchange_mev": parameters[0, 0],
            "anisotropy_mev": parameters[0, 1],
            "magnetization_of_layers": states["magnetization"].values[0].tolist(),
        },
        "state": {"seed": SEED, "twist_index": TWIST_INDEX, "set_number": SET},
        "pose": {
            "rotation_deg": np.degrees(POSE.rotation_rad),
            "place_nm": POSE.place_nm,
            "mirrored": POSE.copy.mirrored < 0,
        },
        "camera": {
            "channel": CAMERA.channel,
            "pixel_nm": measurement.pixel_nm,
            "pixels": CAMERA.pixels,
            "point_spread_nm": CAMERA.point_spread_nm,
            "snr_db": CAMERA.snr_db,
            "counts_per_spin": CAMERA.scale.gain,
            "offset_counts": CAMERA.scale.offset,
            "tilt_counts_per_nm": CAMERA.scale.slope_per_nm.tolist(),
            "noise_counts": float(noise[0]),
        },
        "config": {name: config[name] for name in ("lattice", "interlayer", "ground_state")},
        "versions": provenance.versions(),
    }
    text = json.dumps(record, indent=1) + "\n"
    options.out.with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
