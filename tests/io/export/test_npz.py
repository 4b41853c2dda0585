"""The format npz gives back what was written."""

import numpy as np

from export_example import written


def test_npz(texture, tmp_path):
    with np.load(written(texture, tmp_path, ".npz"), allow_pickle=False) as file:
        arrays = dict(file)
    for layer, name in enumerate(("top", "bottom")):
        for suffix, component in (("_x", 0), ("_y", 1), ("", 2)):
            expected = texture.images.spins[layer, :, :, component]
            np.testing.assert_array_equal(arrays[name + suffix], expected)
    np.testing.assert_array_equal(arrays["centres_nm"], texture.images.centres_nm)
    assert arrays["twist_angle_deg"] == 1.25 and arrays["phase"] == "MD"
    assert "gap_mev" not in arrays
