"""Measured images in the workflow: one job for each, rerun only for the image that changed."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from snakefile import PROJECT

pytestmark = pytest.mark.workflow

TABLE = "results/test/tables/measurements.csv"
EXAMPLE = {
    "name": "example",
    "image": "resources/measurements/example.tif",
    "pixel_nm": 1.25,
    "channel": "net",
    "point_spread_nm": [1.0, 0.0],
    "twist_deg": [0.8, 1.2],
    "samples": 500,
}
DOC = PROJECT / "docs/measure.md"
RULES = ("measure_image", "gather_measurements")


def entries(*changed):
    return {"measurements": [EXAMPLE | change for change in changed]}


def test_an_image_is_read_and_holds_the_truth(project, snakemake, planned):
    both = entries({}, {"name": "again", "image": "again.npy"})
    np.save(project / "again.npy", np.zeros((40, 40)))
    answer = snakemake(project, "results/test/measurements/example/reading.json", changes=both)
    assert answer.returncode == 0, answer.stdout
    folder = project / "results/test/measurements/example"
    names = {path.name for path in folder.iterdir()}
    assert {"posterior.nc", "summary.csv", "fit.png", "corner.png"} <= names
    truth = json.loads((project / "resources/measurements/example.json").read_text())["truth"]
    summary = pd.read_csv(folder / "summary.csv").set_index("parameter")
    printed = re.findall(r"^(\w+) +(\S+) \+- (\S+) ", DOC.read_text(encoding="utf-8"), re.M)
    shown = {name: (float(mean), float(std)) for name, mean, std in printed}
    for name in ("twist_angle_deg", "exchange_mev", "anisotropy_mev"):
        found = summary.loc[name]
        assert abs(found["mean"] - truth[name]) < 4 * found["std"]
        # The document shows what the command prints; draws of 500 samples differ by 0.05.
        assert abs(found["mean"] - shown[name][0]) < 0.3 * found["std"]
        assert shown[name][1] == pytest.approx(found["std"], rel=0.2)
    # The other image, which is none, is not asked for; nor is this one once more.
    jobs = planned(project, TABLE, changes=both)
    assert sorted(jobs) == sorted(RULES)
    (outputs,) = jobs["measure_image"]
    assert "measurements/again/" in outputs
    # What is known of one image is no matter of another.
    tighter = entries({"twist_deg": [0.9, 1.1]}, {"name": "again", "image": "again.npy"})
    assert len(planned(project, TABLE, changes=tighter)["measure_image"]) == 2
    # A constant image has one sentence.
    answer = snakemake(project, TABLE, changes=both)
    assert answer.returncode == 1
    assert "the image is constant, 0: there is nothing to read from it" in answer.stdout


def test_no_image_leaves_an_empty_table(project, snakemake):
    answer = snakemake(project, TABLE)
    assert answer.returncode == 0, answer.stdout
    assert pd.read_csv(project / TABLE).empty
