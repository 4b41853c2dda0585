"""The format CSV, a table of pixels, gives back what was written."""

import csv

import numpy as np

from export_example import PIXELS, written


def test_csv(texture, tmp_path):
    with written(texture, tmp_path, ".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == PIXELS**2
    for number, row in enumerate(rows):
        y, x = divmod(number, PIXELS)
        assert float(row["x_nm"]) == texture.images.centres_nm[x]
        assert float(row["y_nm"]) == texture.images.centres_nm[y]
        for layer, name in enumerate(("top", "bottom")):
            found = [float(row[f"{name}_s{axis}"]) for axis in "xyz"]
            np.testing.assert_allclose(found, texture.images.spins[layer, y, x], atol=1e-8)
