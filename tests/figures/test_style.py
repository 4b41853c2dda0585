"""Style: files are whole and repeatable, colours can be told apart, no screen is needed."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from drawn import draw
from moirespin.figures import style


def paths(folder):
    return {kind: folder / f"figure.{kind}" for kind in ("png", "pdf", "csv")}


@pytest.mark.slow
def test_files_are_the_same_twice(tmp_path):
    written = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        figure, table = draw("fig11")
        style.save(figure, table, **paths(folder))
        written.append({kind: path.read_bytes() for kind, path in paths(folder).items()})
        assert sorted(folder.iterdir()) == sorted(paths(folder).values())
    assert written[0] == written[1]
    assert written[0]["png"].startswith(b"\x89PNG") and written[0]["pdf"].startswith(b"%PDF")
    stored = pd.read_csv(paths(tmp_path / "first")["csv"])
    assert list(stored.columns) == list(table.columns)
    numbers = table.select_dtypes("number")
    np.testing.assert_allclose(stored[numbers.columns], numbers, rtol=1e-7)


def test_layout_does_not_depend_on_the_last_digit():
    figure, _ = draw("fig08")
    style.settle_layout(figure)
    parts = [*figure.subfigs, *figure.subfigs[0].subfigs]
    places = [part.bbox_relative.bounds for part in parts]
    places += [axes.get_position(original=True).bounds for axes in figure.axes]
    # Width and height are differences of rounded edges.
    np.testing.assert_allclose(places, np.round(places, style.LAYOUT_DECIMALS), rtol=0, atol=1e-15)
    figure.draw_without_rendering()
    after = [axes.get_position(original=True).bounds for axes in figure.axes]
    np.testing.assert_array_equal(after, places[len(parts) :])


@pytest.mark.slow
def test_failed_drawing_leaves_the_old_files_and_no_others(tmp_path, monkeypatch):
    figure, table = draw("fig09")
    for path in paths(tmp_path).values():
        path.write_text("old")
    save_figure = figure.savefig

    def fail_at_pdf(path, **options):
        save_figure(path, **options)
        if options["format"] == "pdf":
            raise RuntimeError("no space left")

    monkeypatch.setattr(figure, "savefig", fail_at_pdf)
    with pytest.raises(OSError, match=r"figure.csv cannot be written \(no space left; [^()]*\):"):
        style.save(figure, table, **paths(tmp_path))
    assert sorted(tmp_path.iterdir()) == sorted(paths(tmp_path).values())
    assert all(path.read_text() == "old" for path in paths(tmp_path).values())


# Machado et al., IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009), full severity, linear RGB.
BLINDNESSES = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
RGB_TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def seen_as(color, blindness):
    """Return the CIELAB coordinates of a colour as seen with a colour blindness."""
    srgb = np.array(to_rgb(color))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(BLINDNESSES[blindness]) @ linear, 0, 1)
    ratio = RGB_TO_XYZ @ seen / [0.9505, 1.0, 1.089]
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("blindness", BLINDNESSES)
def test_colors_can_be_told_apart(blindness):
    named = style.PHASE_COLORS | style.LAYER_COLORS | style.PARAMETER_COLORS
    seen = {name: seen_as(color, blindness) for name, color in named.items()}
    for first, second in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[first] - seen[second]) > 16, (first, second)


DRAW = """
import sys
from moirespin.figures import style
figure = style.new_figure(2)
figure.add_subplot().plot([1, 2])
figure.savefig(sys.argv[1])
"""


UNUSABLE = {"HOME": "/proc/none", "TMPDIR": "/proc", "XDG_CONFIG_HOME": "/proc/none"}


UNUSABLE |= {"XDG_CACHE_HOME": "/proc/none", "MPLCONFIGDIR": "/proc/none"}


@pytest.mark.slow
@pytest.mark.parametrize("shell", [{"MPLBACKEND": "garbage"}, UNUSABLE], ids=["backend", "folders"])
def test_shell_stops_no_figure(shell, tmp_path):
    image = tmp_path / "figure.png"
    done = subprocess.run(
        [sys.executable, "-c", DRAW, image],
        env=os.environ | shell,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert image.read_bytes().startswith(b"\x89PNG")
