"""Figures are drawn without a screen and without the user's folders."""

import os
import subprocess
import sys

import pytest

DRAW = """
import sys
from moirespin.figures import style
figure = style.new_figure(2)
figure.add_subplot().plot([1, 2])
figure.savefig(sys.argv[1])
"""
UNUSABLE = {"HOME": "/proc/none", "TMPDIR": "/proc", "XDG_CONFIG_HOME": "/proc/none"}
UNUSABLE |= {"XDG_CACHE_HOME": "/proc/none", "MPLCONFIGDIR": "/proc/none"}


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
