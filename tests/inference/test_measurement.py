"""Images and knowledge that make no sense are refused."""

from dataclasses import replace

import numpy as np
import pytest

from inference.family import FAMILY, knowledge
from moirespin.inference.measurement import (
    check_knowledge,
    check_measurement,
)


@pytest.mark.parametrize(
    ("values", "pixel_nm", "channel", "sentence"),
    [
        (np.zeros((20, 20)), 1.0, "net", "is constant"),
        (np.full((20, 20), np.nan), 1.0, "net", "0 pixels that are numbers"),
        (np.zeros((20, 10)), 1.0, "net", "at least 16"),
        (np.zeros((20, 20, 3)), 1.0, "net", "one image of rows"),
        (np.zeros((20, 20)), 1.0, "both", "two images"),
        (np.eye(20), 0.0, "net", "pixel size is 0"),
    ],
)
def test_image_that_cannot_be_read_is_refused(values, pixel_nm, channel, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_measurement(values, pixel_nm, channel)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"channel": "kerr"}, "--channel is kerr"),
        ({"units": "volt"}, "--units is volt"),
        ({"twist_deg": (0.5, 2.0)}, "from 1 to 2.5 degree"),
        ({"exchange_mev": (5.0, 2.0)}, "two rising numbers"),
        ({"channel": "stray-field", "height_nm": (0.0, 0.0)}, "--height-nm is 0"),
        ({"channel": "stray-field", "axis": (0.0, 0.0, 0.0)}, "--axis is 0 0 0"),
    ],
)
def test_knowledge_that_makes_no_sense_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_knowledge(replace(knowledge(), **change), FAMILY)
