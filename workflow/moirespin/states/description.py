"""One relaxed state in names and numbers, as the command line prints it and files carry it."""

import xarray as xr

from moirespin.io.schemas.base import PHASES
from moirespin.states.phases import UNDETERMINED, Thresholds, classify


def describe(state: xr.Dataset, thresholds: Thresholds) -> dict:
    """Return what a state is: names that end in their unit, None where there is no number.

    Args:
        state: one set of a dataset of the schema `shard`.
        thresholds: of the phases.

    Raises:
        ValueError: if no start gave a finite state.
    """
    magnetization = state["magnetization"].values
    phase = int(classify(magnetization, thresholds))
    if phase == UNDETERMINED:
        raise ValueError("no start gave a finite state: check --scale and the config's interlayer")
    gap = float(state["gap_to_runner_up"])
    return {
        "twist_index": int(state["twist_index"]),
        "twist_angle_deg": float(state["twist_angle"]),
        "spins": state.sizes["site"],
        "exchange_mev": float(state["exchange"]),
        "anisotropy_mev": float(state["anisotropy"]),
        "energy_mev": float(state["energy"]),
        "phase": PHASES[phase],
        "magnetization_top": float(magnetization[0]),
        "magnetization_bottom": float(magnetization[1]),
        "winner": str(state["start"].values[int(state["winner"])]),
        # NaN, which JSON does not know, where all starts found the same state.
        "gap_to_runner_up_mev": None if gap != gap else gap,
        "steps": int(state["steps"]),
        "max_torque_mev": float(state["max_torque"]),
        "converged": bool(state["converged"]),
    }
