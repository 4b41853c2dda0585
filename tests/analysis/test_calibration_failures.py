"""Failures are counted once each, by what the image shows and the truth says."""

import pandas as pd
import pytest

from moirespin.analysis import calibration_failures as failures
from moirespin.analysis.coverage import PARAMETERS

REFUSED = "refused: no period"
# An image that was read well; each failure differs from it in what is said.
GOOD = {
    "outcome": "read",
    "phase": "MD",
    "phase_found": "MD",
    "twist_index": 9,
    "domains_hidden": False,
    "fm_line_distance_mev": 0.2,
    "texture_sigma": 50.0,
    "modes": 1,
    "unexplained": False,
} | {f"{name}_rank": 0.4 for name in PARAMETERS}
FAINT = {"outcome": REFUSED, "texture_sigma": 5.0}
OUTSIDE = {"exchange_mev_rank": 0.9999}
IMAGES = {
    (failures.NOT_READ, failures.NOISE): FAINT,
    (failures.NOT_READ, failures.HIDDEN): FAINT | {"domains_hidden": True},
    (failures.NOT_READ, failures.OVERLOOKED): FAINT | {"texture_sigma": 20.0},
    (failures.UNIFORM, failures.NEAR_LINE): FAINT
    | {"outcome": "ferromagnet", "phase": "NCD", "fm_line_distance_mev": 0.01},
    (failures.WRONG, failures.OTHER_PHASE): OUTSIDE | {"phase_found": "NCD"},
    (failures.WRONG, failures.OTHER_MODE): OUTSIDE | {"modes": 2},
    (failures.WRONG, failures.NARROW): OUTSIDE,
    (failures.FALSE_ALARM, ""): {"unexplained": True},
}


@pytest.fixture
def calibration():
    images = [GOOD, *(GOOD | change for change in IMAGES.values())]
    return pd.DataFrame([image | {"set_number": n} for n, image in enumerate(images)])


def test_every_failure_has_its_cause(calibration):
    table = failures.tabulate_failures(calibration).set_index(["failure", "cause"])
    assert table.loc[list(IMAGES), "images"].eq(1).all()
    assert table["images"].sum() == len(IMAGES)
    assert table["images_percent"].sum() == pytest.approx(100 * len(IMAGES) / len(calibration))
    # The good image is number 0.
    assert list(table.loc[list(IMAGES), "sets_of"]) == [f"9:{n + 1}" for n in range(len(IMAGES))]
    hidden = table.loc[(failures.NOT_READ, failures.HIDDEN)]
    assert hidden["least_texture_sigma"] == hidden["most_texture_sigma"] == 5


def test_nothing_goes_wrong_in_good_images(calibration):
    table = failures.tabulate_failures(calibration[:1])
    assert (table["images"] == 0).all() and len(table) == sum(map(len, failures.CAUSES.values()))
