"""`moirespin state`: one ground state by hand, for a look before a sweep."""

import argparse
import json
import sys
from pathlib import Path

import yaml

from moirespin.pipeline import config_check

ROOT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="moirespin", description="Twisted bilayer magnets.")
    commands = parser.add_subparsers(dest="command", required=True)
    state = commands.add_parser(
        "state",
        help="ground state of one parameter set",
        description="Find the ground state of one parameter set, with the workflow's functions"
        " and the settings of a config file.",
    )
    state.add_argument("--m", type=int, required=True, help="commensurate twist index, at least 2")
    state.add_argument("--exchange-mev", type=float, required=True, help="intralayer exchange J")
    state.add_argument("--anisotropy-mev", type=float, required=True, help="anisotropy D")
    state.add_argument("--scale", type=float, help="lambda (default: the config's)")
    state.add_argument("--random-starts", type=int, help="random starts (default: the config's)")
    state.add_argument("--number", type=int, default=0, help="names the random starts' seeds")
    state.add_argument("--lanes", type=int, default=32, help="starts relaxed at once")
    state.add_argument("--config", default=str(ROOT / "config.yaml"), help="config file")
    state.add_argument("--json", action="store_true", help="print JSON")
    state.add_argument("--image", metavar="PNG", help="write the images of both layers")
    options = parser.parse_args(arguments)
    try:
        found, spin_z = find_state(options)
    except (OSError, ValueError) as error:
        print(f"moirespin: {error}", file=sys.stderr)
        return 2
    if options.image:
        _draw(spin_z, options.image)
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        width = max(map(len, found))
        for name, value in found.items():
            print(f"{name:{width}}  {value}")
    return 0 if found["converged"] else 1


def find_state(options: argparse.Namespace) -> tuple[dict, dict]:
    """Return what is to be printed of a ground state, and the arrays of its picture.

    Raises:
        ValueError: if the config or an option is out of bounds, or no state was found.
    """
    config = yaml.safe_load(Path(options.config).read_text())
    if options.scale is not None:
        config["interlayer"]["scale"] = options.scale
    if options.random_starts is not None:
        config["ground_state"]["random_starts"] = options.random_starts
    schema = config_check.load_schema(ROOT / "workflow" / "schemas" / "config.schema.yaml")
    config_check.check_config(config, schema, ROOT)
    if config["interlayer"]["model"] == "stacking_map":
        # Relative to the project, wherever the command is called.
        stacking = config["interlayer"]["stacking_map"]
        stacking["table"] = ROOT / stacking["table"]
    for name, value, allowed in (
        ("--m", options.m, options.m >= 2),
        ("--exchange-mev", options.exchange_mev, options.exchange_mev > 0),
        ("--anisotropy-mev", options.anisotropy_mev, options.anisotropy_mev >= 0),
        ("--lanes", options.lanes, options.lanes >= 1),
    ):
        if not allowed:
            least = {"--m": "at least 2", "--exchange-mev": "above 0", "--lanes": "at least 1"}
            raise ValueError(f"{name} is {value}: it must be {least.get(name, 'at least 0')}")

    # Imported here: help and refusals need no JAX.
    import numpy as np

    from moirespin.images.raster import build_raster, pixel_centres, render
    from moirespin.io.netcdf import PHASES
    from moirespin.physics.lattice import build_bilayer
    from moirespin.states.phases import UNDETERMINED, Thresholds, classify
    from moirespin.states.simulation import simulate_sets

    states = simulate_sets(
        options.m,
        np.array([options.number]),
        np.array([[options.exchange_mev, options.anisotropy_mev]]),
        config,
        options.lanes,
    ).isel(set=0)
    magnetization = states["magnetization"].values
    phase = int(classify(magnetization, Thresholds(**config["phases"])))
    if phase == UNDETERMINED:
        raise ValueError("no start gave a finite state: check --scale and the config's exchange")
    found = {
        "twist_angle_deg": float(states["twist_angle"]),
        "spins": states.sizes["site"],
        "exchange_mev": options.exchange_mev,
        "anisotropy_mev": options.anisotropy_mev,
        "energy_mev": float(states["energy"]),
        "phase": PHASES[phase],
        "magnetization_top": float(magnetization[0]),
        "magnetization_bottom": float(magnetization[1]),
        "winner": str(states["start"].values[int(states["winner"])]),
        "gap_to_runner_up_mev": _number(states["gap_to_runner_up"]),
        "steps": int(states["steps"]),
        "max_torque_mev": float(states["max_torque"]),
        "converged": bool(states["converged"]),
    }
    images = config["images"]
    raster = build_raster(
        build_bilayer(options.m, **config["lattice"]), images["window_nm"], images["pixels"]
    )
    picture = {
        "images": render(raster, states["spins"].values[:, -1]),
        "centres_nm": pixel_centres(images["window_nm"], images["pixels"]),
    }
    return found, picture


def _number(value) -> float | None:
    """Return a float, or None for NaN, which JSON does not know."""
    number = float(value)
    return None if number != number else number


def _draw(picture: dict, path: str) -> None:
    from moirespin.figures import state, style

    style.save_png(state.draw(picture["images"], picture["centres_nm"]), path)


if __name__ == "__main__":
    sys.exit(main())
