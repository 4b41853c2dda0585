"""`moirespin state`: the ground state of one parameter set, by relaxation."""

import argparse
import json
import math
from pathlib import Path

import numpy as np

from moirespin.cli import compiled, outputs, progress
from moirespin.cli.options import add_window, number, window_of
from moirespin.physics.lattice import build_bilayer, twist_angle_deg
from moirespin.pipeline import config_check, config_files

ROOT = Path(__file__).parents[3]
SUMMARY = "relax the ground state of one parameter set"
DESCRIPTION = (
    "Find the ground state of one parameter set by relaxation, with the functions of the workflow"
    " and the settings of its config, and print it."
)
# The largest supercell has twelve million sites.
LARGEST_INDEX = 1000
# Bounds of J and D, as in the schema of the config.
LARGEST_MEV = 1000.0

# The cost of a call is estimated from these, by benchmarks/state_cost.py on two cores: seconds of a
# call, of the structured starts together and of each random start, both per (number of spins)^1.5;
# bytes of a call, and per spin of 16 coplanar and of 16 general textures that are relaxed at once.
CALL_S, STRUCTURED_S, RANDOM_S = 1.4, 2.5e-7, 1.0e-6
CALL_BYTES, COPLANAR_BYTES, GENERAL_BYTES = 3.0e8, 2.4e3, 1.0e4
POOL = 16


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    twist = parser.add_mutually_exclusive_group(required=True)
    twist.add_argument(
        "--m",
        type=number(2, LARGEST_INDEX, whole=True),
        metavar="M",
        help="commensurate twist index, such as 32 for 1.02 degrees",
    )
    twist.add_argument(
        "--twist-deg",
        type=number(*map(twist_angle_deg, (LARGEST_INDEX, 2))),
        metavar="DEG",
        help="twist angle; the nearest commensurate one is taken",
    )
    parser.add_argument(
        "--exchange-mev",
        type=number(0, LARGEST_MEV, above=True),
        required=True,
        metavar="MEV",
        help="intralayer exchange J",
    )
    parser.add_argument(
        "--anisotropy-mev",
        type=number(0, LARGEST_MEV),
        required=True,
        metavar="MEV",
        help="anisotropy D",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    outputs.add_outputs(parser, outputs.OF_SITES)
    add_window(parser)
    search = parser.add_argument_group("search and config")
    search.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="FILE",
        help="config file that lies on top of the project's config.yaml; may be repeated",
    )
    search.add_argument(
        "--scale", type=number(0, 100), metavar="LAMBDA", help="lambda (default: the config's)"
    )
    search.add_argument(
        "--random-starts",
        type=number(0, 10_000, whole=True),
        metavar="N",
        help="random starts (default: the config's)",
    )
    search.add_argument(
        "--number",
        type=number(0, 999_999, whole=True),
        default=0,
        metavar="N",
        help="names the seeds of the random starts (default: 0)",
    )
    search.add_argument(
        "--lanes",
        type=number(1, 4096, whole=True),
        default=32,
        metavar="N",
        help="starts relaxed at once; changes no result (default: 32)",
    )


def run(options: argparse.Namespace) -> int:
    """Print the ground state, write what was asked for, and return the exit status.

    Raises:
        ValueError: if the config or an option is out of bounds, or no state was found.
        OSError: if a file cannot be written.
    """
    config = _read_config(options)
    index = options.m or nearest_index(options.twist_deg)
    found, spins = _find(index, options, config)
    if options.twist_deg is not None:
        found = _compare_angle(options.twist_deg, found)
    print_found(found, as_json=options.json)
    if options.outputs:
        from moirespin.images.state_texture import as_texture

        bilayer = build_bilayer(index, **config["lattice"])
        texture = as_texture(bilayer, spins, window_of(options), about=found)
        outputs.write_outputs(texture, options.outputs)
    return 0 if found["converged"] else 1


def nearest_index(angle_deg: float) -> int:
    """Return the commensurate index whose twist angle is nearest."""
    return min(
        range(2, LARGEST_INDEX + 1), key=lambda index: abs(twist_angle_deg(index) - angle_deg)
    )


def cost(spins: int, *, random_starts: int, lanes: int) -> tuple[float, float]:
    """Return an estimate of the seconds and of the bytes that finding a ground state takes.

    Near a phase line and with a strong anisotropy it can take several times as long.

    Args:
        spins: in the moire cell.
        random_starts: how many there are beside the structured ones.
        lanes: starts relaxed at once.
    """
    seconds = CALL_S + (STRUCTURED_S + RANDOM_S * random_starts) * spins**1.5
    pools = math.ceil(min(random_starts, lanes) / POOL)
    return seconds, CALL_BYTES + max(COPLANAR_BYTES, GENERAL_BYTES * pools) * spins


def _read_config(options: argparse.Namespace) -> dict:
    config = config_files.read_configs([ROOT / "config.yaml", *options.config])
    schema = config_check.load_schema(ROOT / "workflow" / "schemas" / "config.schema.yaml")
    config_check.check_config(config, schema, ROOT)
    if options.scale is not None:
        config["interlayer"]["scale"] = options.scale
    if options.random_starts is not None:
        config["ground_state"]["random_starts"] = options.random_starts
    # Once more, because an option may contradict another key.
    config_check.check_config(config, schema, ROOT)
    if config["interlayer"]["model"] == "stacking_map":
        # Relative to the project, wherever the command is called.
        stacking = config["interlayer"]["stacking_map"]
        stacking["table"] = ROOT / stacking["table"]
    return config


def _find(index: int, options: argparse.Namespace, config: dict) -> tuple[dict, np.ndarray]:
    """Return what is to be printed of the ground state, and its spins (site, 3)."""
    # Imported here: help and refusals need no JAX.
    compiled.set_up_jax()
    from moirespin.states.description import describe
    from moirespin.states.parameter_sets import simulate_sets
    from moirespin.states.phases import Thresholds
    from moirespin.states.settings import read_recipe

    search = config["ground_state"]
    starts = len(search["structured"]) + search["random_starts"]
    spins = 4 * (3 * index**2 + 3 * index + 1)
    seconds, memory_bytes = cost(spins, random_starts=search["random_starts"], lanes=options.lanes)
    task = f"relaxing {spins:,} spins from {starts} starts"
    with progress.reported(task, seconds=seconds, memory_bytes=memory_bytes):
        states = simulate_sets(
            index,
            np.array([options.number]),
            np.array([[options.exchange_mev, options.anisotropy_mev]]),
            recipe=read_recipe(config),
            lanes=options.lanes,
        ).isel(set=0)
    found = describe(states, Thresholds(**config["phases"]))
    return found, states["spins"].values


def _compare_angle(wanted_deg: float, found: dict) -> dict:
    """Return `found` with the angle that was asked for, and how far off the nearest one is."""
    off = found["twist_angle_deg"] - wanted_deg
    return {"twist_wanted_deg": wanted_deg, "twist_off_by_deg": off} | found


def print_found(found: dict, *, as_json: bool) -> None:
    """Print what was found: names and values, or JSON."""
    if as_json:
        print(json.dumps(found, indent=1, allow_nan=False), flush=True)
        return
    width = max(map(len, found))
    for name, value in found.items():
        shown = f"{value:.8g}" if isinstance(value, float) else value
        print(f"{name:{width}}  {'none' if value is None else shown}", flush=True)
