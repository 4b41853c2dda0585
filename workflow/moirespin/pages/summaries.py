"""What the tables of a run say at a glance: numbers with their errors, and what needs a look."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

# Columns that hold the error of another column.
ERRORS = {
    "ours": "error",
    "joint": "joint_error",
    "value": "error",
    "difference": "difference_error",
}


# What the table of the paper's statements says of one, and in words.
VERDICTS = {"yes": "hold here", "no": "do not hold", "mixed": "are mixed", "open": "are open"}


class Finding(NamedTuple):
    """One sentence about a run, and whether it asks for a look."""

    text: str
    asks: bool


def with_error(value: float, error: float) -> str:
    """Return a number with its error, which has two digits: 5.50 ± 0.68."""
    if not (math.isfinite(error) and error > 0):
        return f"{value:.6g}"
    decimals = 1 - math.floor(math.log10(error))
    # Rounding may carry: an error of 0.0999 has the digits 0.10.
    decimals = 1 - math.floor(math.log10(round(error, decimals)))
    shown = max(decimals, 0)
    return f"{round(value, decimals):.{shown}f} ± {round(error, decimals):.{shown}f}"


def as_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it is shown: numbers joined with their errors, nothing where none is."""
    shown = table.drop(columns=[error for error in ERRORS.values() if error in table])
    for name in shown.columns:
        values = table[name]
        errors = table[ERRORS[name]] if ERRORS.get(name) in table else [math.nan] * len(table)
        shown[name] = [_text(value, error) for value, error in zip(values, errors, strict=True)]
    return shown


def _text(value: object, error: float) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else with_error(value, error)
    return str(value)


def findings(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Return what the tables say of failures and of the paper's statements.

    Args:
        tables: by name; `phases`, `line_agreement`, `challenge`, `trends` and `measurements` are
            read.
    """
    phases = tables["phases"].set_index("twist_index").loc["all"]
    sets, failed, nameless = (
        int(phases[name]) for name in ("sets", "not_converged", "undetermined")
    )
    lines, tested = tables["line_agreement"], tables["challenge"]
    agree, placed = int(lines["agree"].sum()), int(lines["sets"].sum())
    far = ""
    if agree < placed:
        furthest = lines["furthest"].max()
        far = f"; the furthest other lies {furthest:.2g} from its line in normalised parameters"
    back, tilted = int(tested["came_back"].sum()), int(tested["sets"].sum())
    unfinished = int(tested["trials_not_converged"].sum())
    return [
        Finding(f"{failed:,} of {sets:,} relaxed sets missed the torque tolerance.", failed > 0),
        Finding(f"{nameless:,} of {sets:,} sets have no finite state.", nameless > 0),
        Finding(f"{agree:,} of {placed:,} sets have the phase of the exact lines{far}.", far != ""),
        Finding(
            f"{back:,} of {tilted:,} tested ground states came back after they were tilted; no"
            f" trial ended lower than {_below(tested['tilted_lowest_mev'].min())} meV below them.",
            back < tilted,
        ),
        Finding(f"{unfinished:,} of these trials did not converge.", unfinished > 0),
        _paper(tables["trends"]["agrees"]),
        *_measured(tables["measurements"]),
    ]


def _paper(verdicts: pd.Series) -> Finding:
    """Return how many of the paper's statements about errors hold."""
    counts = verdicts.value_counts()
    if not set(counts.index) <= set(VERDICTS):
        return Finding("The paper's statements are about another material.", False)
    found = ", ".join(f"{counts.get(word, 0)} {verb}" for word, verb in VERDICTS.items())
    return Finding(
        f"Of the paper's {len(verdicts)} statements about errors {found}.", "no" in counts
    )


def _measured(readings: pd.DataFrame) -> list[Finding]:
    """Return what is to be said of measured images, if there are any."""
    if not len(readings):
        return []
    warned = int(readings["warnings"].notna().sum())
    return [
        Finding(
            f"{warned} of {len(readings)} measured images were read with a warning.", warned > 0
        )
    ]


def _below(lowest_mev: float) -> str:
    return f"{max(-lowest_mev, 0.0):.1g}"
