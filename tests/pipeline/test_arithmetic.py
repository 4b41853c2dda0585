"""The shell changes no number: settings of JAX are pinned, flags of XLA refused or recorded."""

from types import SimpleNamespace

import jax
import pytest

from moirespin.io import provenance
from moirespin.pipeline import arithmetic


@pytest.mark.parametrize(
    "flags",
    [
        "--xla_cpu_enable_fast_math=true",
        "--xla_cpu_enable_fast_math",
        "--xla_dump_to=/tmp/x --xla_cpu_enable_fast_min_max=true",
        "--xla_allow_excess_precision=true",
        "--xla_backend_optimization_level=1",
        "--xla_disable_hlo_passes=algsimp",
    ],
)
def test_flags_that_change_arithmetic_are_refused(flags, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", flags)
    with pytest.raises(ValueError, match=f"XLA_FLAGS holds {flags.split()[-1]}, which changes"):
        arithmetic.refuse_altering_flags()


def test_file_of_flags_is_refused(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "flags.txt")
    with pytest.raises(ValueError, match=r"XLA_FLAGS names the file flags\.txt"):
        arithmetic.refuse_altering_flags()


def test_tf32_is_refused(monkeypatch):
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "1")
    with pytest.raises(ValueError, match="NVIDIA_TF32_OVERRIDE is 1"):
        arithmetic.refuse_altering_flags()


@pytest.mark.parametrize("flags", ["--xla_cpu_enable_fast_math=false", "--xla_dump_to=/tmp/x"])
def test_other_flags_are_let_through_and_recorded(flags, monkeypatch, config):
    job = SimpleNamespace(rule="rule", params=SimpleNamespace(code="0"), config=config)
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    assert "xla_flags" not in provenance.of(job)
    monkeypatch.setenv("XLA_FLAGS", flags)
    arithmetic.refuse_altering_flags()
    assert provenance.of(job)["xla_flags"] == flags


def test_every_pinned_setting_is_one_of_jax():
    assert arithmetic.PINNED.keys() <= jax.config.values.keys()
