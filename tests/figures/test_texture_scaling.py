"""Scaling law: lines of all angles over J theta^2, cuts through textures, and what is left."""

import numpy as np
import pytest

import mocks
from drawn import find_panel
from moirespin.figures import texture_scaling
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES
from moirespin.textures.model_files import save_model
from random_texture_model import random_model


def test_lines_are_scaled_by_the_square_of_their_angle(tmp_path):
    lines = mocks.dataset(PHASE_LINES, twist=2, exchange_point=3, anisotropy_point=4)
    lines["twist_angle"][:] = [1.0, 2.0]
    diagram = mocks.dataset(PHASE_DIAGRAM, set=40, start=2)
    diagram["anisotropy"][:] = np.linspace(0.01, 0.3, 40)
    save_model(random_model(), tmp_path / "textures.safetensors")
    figure, table = texture_scaling.draw(lines, diagram, str(tmp_path / "textures.safetensors"))
    drawn = [line for line in find_panel(figure, "a").lines if len(line.get_xdata())]
    exchange = lines["line_exchange"].values
    np.testing.assert_allclose(drawn[0].get_xdata(), exchange)
    np.testing.assert_allclose(drawn[2].get_xdata(), 4 * exchange)
    np.testing.assert_allclose(drawn[2].get_ydata(), lines["fm_line"][1])
    cuts = table[table["item"] == "cut"]
    assert cuts["value"].between(-1, 1).all()
    # A cell is periodic: its diagonal ends where it began.
    for _, cut in cuts.groupby("twist_angle"):
        assert cut["value"].iloc[0] == pytest.approx(cut["value"].iloc[-1])
    difference = table[table["item"] == "difference"]["value"]
    assert difference.iloc[0] == 0 and (difference >= 0).all()
