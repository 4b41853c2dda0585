"""What a long computation says, and where its compiled programs are kept."""

import io
import os
import subprocess
import sys
import time

import pytest

from moirespin.cli import compiled, progress, state


def test_a_short_task_says_nothing(capsys):
    with progress.reported("task", seconds=4.9, memory_bytes=1e6):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_long_task_says_its_estimate_first(capsys):
    with progress.reported("relaxing 9 spins", seconds=300, memory_bytes=1.5e8):
        said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "relaxing 9 spins: about 5 min and 0.1 GB, by an estimate for two cores\n"


def test_a_terminal_shows_the_time_in_one_line(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_TICKS", 0.01)
    with progress.reported("task", seconds=60, memory_bytes=1e6):
        deadline = time.monotonic() + 30
        while "of about" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    _, _, ticks = terminal.getvalue().partition("\n")
    assert ticks.startswith("0 s of about 60 s\x1b[K\r") and ticks.endswith("\x1b[K")
    assert "\n" not in ticks


def test_what_does_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(progress, "free_memory_bytes", lambda: 10**9)
    with (
        pytest.raises(ValueError, match=r"task would take about 2\.0 GB .* only 1\.0 GB are free"),
        progress.reported("task", seconds=1, memory_bytes=2e9),
    ):
        pytest.fail("runs though it does not fit")


def test_the_estimate_grows_with_all_that_costs():
    few = state.cost(868, random_starts=0, lanes=32)
    for more in ({"spins": 11164}, {"random_starts": 50}, {"random_starts": 50, "spins": 11164}):
        arguments = {"spins": 868, "random_starts": 0} | more
        found = state.cost(arguments["spins"], random_starts=arguments["random_starts"], lanes=32)
        assert all(new > old for new, old in zip(found, few, strict=True))


def test_the_cache_folder_is_made_for_the_user_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = compiled.cache_folder()
    assert folder == tmp_path / "cache" / "moirespin"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert compiled.cache_folder() == folder


@pytest.mark.parametrize("value", ["", "relative/cache"])
def test_without_an_absolute_cache_the_home_folder_has_it(value, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert compiled.cache_folder() == tmp_path / ".cache" / "moirespin"


def test_programs_that_others_could_have_put_there_are_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "moirespin").mkdir()
    (tmp_path / "moirespin").chmod(0o770)
    assert compiled.cache_folder() is None
    (tmp_path / "moirespin").chmod(0o700)
    assert compiled.cache_folder() is not None
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert compiled.cache_folder() is None


def test_without_a_place_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compiled.cache_folder() is None


def test_the_cache_stays_within_its_bound_and_outlives_a_killed_call(tmp_path):
    """In a process of its own: JAX asks for the bound once."""
    folder = tmp_path / "moirespin"
    folder.mkdir(mode=0o700)
    # As a kill between the two files of a program leaves it.
    (folder / "jit_killed-cache").write_bytes(bytes(5000))
    code = """
import warnings
from moirespin.cli import compiled
compiled.LARGEST_CACHE_BYTES = 12_000
compiled.set_up_jax()
import jax, numpy as np
warnings.simplefilter("error")
for number in range(10):
    jax.jit(lambda x: number * x)(np.ones(3))
"""
    shell = os.environ | {"XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=shell, check=True)
    sizes = {path.name: path.stat().st_size for path in folder.glob("*-cache")}
    assert "jit_killed-cache" not in sizes
    assert 2 <= len(sizes) < 10
    assert sum(sizes.values()) <= 12_000
