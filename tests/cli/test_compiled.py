"""Compiled programs are kept for their user alone, within a bound."""

import os
import subprocess
import sys

import pytest

from moirespin.cli import compiled


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
