"""Figure 11: phase diagram and phase lines."""

import numpy as np

from drawn import find_panel, make_diagram, make_lines
from moirespin.figures import fig11, panels
from moirespin.io import netcdf


def test_slices_hold_their_sets_and_both_lines():
    diagram, lines = make_diagram(12), make_lines()
    figure, table = fig11.draw(diagram, lines, twist_indices=[9, 30])
    axes = find_panel(figure, "d")
    drawn = np.concatenate([c.get_offsets() for c in axes.collections])
    here = diagram["twist_index"].values == 9
    assert sorted(drawn[:, 0]) == sorted(diagram["exchange"].values[here])
    stability, crossing = (line.get_xydata()[:: panels.STEPS_BETWEEN_POINTS] for line in axes.lines)
    known = np.transpose([lines["line_exchange"], lines["fm_line"][1]])
    np.testing.assert_allclose(stability, known[known[:, 0].argsort()])
    known = np.transpose([lines["domain_line"][1], lines["line_anisotropy"]])
    np.testing.assert_allclose(crossing, known[known[:, 1].argsort()])
    assert [t.get_text() for t in find_panel(figure, "e").texts] == ["no set\nat $m$ = 30"]
    sets = table[table["panel"] == "a-c"]
    top, bottom = np.abs(diagram["magnetization"].values.T)
    np.testing.assert_allclose(sets["average"], (top + bottom) / 2)
    np.testing.assert_allclose(sets["difference"], abs(top - bottom))


def test_undetermined_sets_are_drawn_as_such():
    diagram = make_diagram(4)
    diagram["phase"][:] = [0, 1, 2, netcdf.UNDETERMINED]
    names = panels.name_phases(diagram["phase"])
    assert list(names) == ["FM", "NCD", "MD", "undetermined"]
    figure, _ = fig11.draw(diagram, make_lines(), twist_indices=[8])
    assert len(find_panel(figure, "c").collections) == 4
