"""Weak directions of the images and directions of the errors."""

import numpy as np

from drawn import find_panel, make_alignment, make_fisher, make_lines
from moirespin.figures import error_directions


def test_weak_directions_are_drawn_as_they_are():
    """In a square panel over the box an angle between normalised parameters is one on paper."""
    information = make_fisher()
    figure, table = error_directions.draw(information, make_alignment(20), make_lines())
    axes = find_panel(figure, "b")
    (segments,) = [
        np.array(c.get_segments()) for c in axes.collections if hasattr(c, "get_segments")
    ]
    box = [np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())]
    drawn = np.diff(segments, axis=1)[:, 0] / box
    directions = information["weak_direction"].values[1].reshape(-1, 2)
    np.testing.assert_allclose(np.arctan2(*drawn.T), np.arctan2(*directions.T), atol=1e-9)
    centres = segments.mean(axis=1)
    expected = np.meshgrid(
        information["grid_exchange"], information["grid_anisotropy"], indexing="ij"
    )
    np.testing.assert_allclose(centres, np.stack(expected, axis=-1).reshape(-1, 2))
    shown = table[(table["panel"] == "b") & table["weak_angle_deg"].notna()]
    np.testing.assert_allclose(
        shown["weak_angle_deg"], np.degrees(np.arctan2(*directions.T[::-1])), atol=1e-9
    )


def test_figure_without_any_information_says_so():
    information = make_fisher()
    for name in ("weak_bound", "strong_bound", "weak_direction"):
        information[name] = np.nan * information[name]
    alignment = make_alignment(4)
    for name in ("weak_direction", "axis"):
        alignment[name] = np.nan * alignment[name]
    figure, _ = error_directions.draw(information, alignment, make_lines())
    figure.draw_without_rendering()
    assert "no test sample" in find_panel(figure, "d").texts[0].get_text()
