"""Shards to phase diagram and dataset; the split."""

import shutil

import numpy as np
import pytest
import xarray as xr

import mocks
from moirespin.images.image_set import Split, build_dataset, draw_parts
from moirespin.images.raster import build_raster, render
from moirespin.images.window import Window
from moirespin.io import netcdf
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.states import SHARD
from moirespin.physics.lattice import Lattice, build_bilayer, twist_angle_deg
from moirespin.states.gathering import gather_shards, plan_shards
from moirespin.states.parameter_space import Box
from moirespin.states.phases import Thresholds
from moirespin.states.sweep import Shard

BOX = Box((1.0, 10.0), (0.01, 0.3))
SEED = 1
THRESHOLDS = Thresholds(ferromagnetic=0.9999, domain=0.05)
LATTICE = Lattice(0.6867, layer_spacing_nm=0.67)
WINDOW = Window(side_nm=10.0, pixels=6)
SPLIT = Split(test_fraction=0.2, validation_fraction=0.1)
SETTINGS = {"thresholds": THRESHOLDS, "lattice": LATTICE, "window": WINDOW}
SETTINGS |= {"split": SPLIT, "seed": SEED}
# FM, NCD, MD, no state.
MAGNETIZATION = np.array([[1.0, 1.0], [0.9, 0.9], [0.3, 0.99], [np.nan, np.nan]])


def write_shard(folder, m, chunk, magnetization=MAGNETIZATION):
    sets, bilayer = len(magnetization), build_bilayer(m, **LATTICE._asdict())
    shard = mocks.dataset(SHARD, seed=m + chunk, set=sets, start=2, site=bilayer.sites)
    shard["magnetization"][:] = magnetization
    shard["twist_index"][:], shard["twist_angle"][:] = m, twist_angle_deg(m)
    numbers = range(chunk * sets, (chunk + 1) * sets)
    path = folder / f"m{m}_{chunk}.nc"
    (planned,) = plan_shards(
        [str(path)], [Shard(m, chunk, numbers.start, numbers.stop)], BOX, seed=SEED
    )
    shard["set_number"][:] = numbers
    shard["exchange"][:], shard["anisotropy"][:] = planned.parameters_mev.T
    netcdf.write(SHARD, shard.assign_coords(start=["tilted", "domain"]), path)
    return planned


@pytest.fixture
def shards(tmp_path):
    return [write_shard(tmp_path, m, chunk) for m in (2, 3) for chunk in (0, 1)]


def identities(samples):
    return list(
        zip(samples["twist_index"].values.tolist(), samples["set_number"].values, strict=True)
    )


def test_phase_diagram_keeps_every_set_in_order(shards):
    found = gather_shards(shards, THRESHOLDS)
    assert identities(found) == [(m, n) for m in (2, 3) for n in range(8)]
    np.testing.assert_array_equal(found["phase"], np.tile([0, 1, 2, -1], 4))
    assert found["start"].values.tolist() == ["tilted", "domain"]
    assert "spins" not in found
    last = netcdf.read(SHARD, shards[-1].path)
    np.testing.assert_array_equal(found["energy"][-4:], last["energy"])


def test_dataset_holds_the_images_of_what_is_not_ferromagnetic(shards, tmp_path):
    path = tmp_path / "dataset.nc"
    described = build_dataset(shards, path, **SETTINGS)
    found = netcdf.read(DATASET, path)
    xr.testing.assert_equal(found.drop_vars("image"), described)
    expected = [(m, n) for m in (2, 3) for n in (1, 2, 5, 6)]
    assert identities(found) == expected
    np.testing.assert_array_equal(found["phase"], np.tile([1, 2], 4))
    shard = netcdf.read(SHARD, shards[3].path)
    raster = build_raster(build_bilayer(3, **LATTICE._asdict()), WINDOW.side_nm, WINDOW.pixels)
    image = render(raster, shard["spins"].values[2, :, 2])
    np.testing.assert_allclose(found["image"][-1], image, atol=0.5 / 32767 + 1e-6)
    np.testing.assert_array_equal(found["magnetization"][-1], shard["magnetization"][2])
    assert float(found["exchange"][-1]) == float(shard["exchange"][2])


def test_only_ferromagnets_leave_nothing(tmp_path):
    shard = write_shard(tmp_path, 2, 0, np.ones((3, 2)))
    with pytest.raises(ValueError, match="every set of the sweep is ferromagnetic: widen"):
        build_dataset([shard], tmp_path / "dataset.nc", **SETTINGS)
    assert not (tmp_path / "dataset.nc").exists()


def test_a_shard_without_images_is_passed_over(tmp_path):
    ferromagnetic = write_shard(tmp_path, 2, 0, np.ones((1, 2)))
    other = write_shard(tmp_path, 2, 1, MAGNETIZATION[1:2])
    for name, shards in {"both": [ferromagnetic, other], "one": [other]}.items():
        build_dataset(shards, tmp_path / f"{name}.nc", **SETTINGS)
    both, one = (netcdf.read(DATASET, tmp_path / f"{name}.nc") for name in ("both", "one"))
    xr.testing.assert_identical(both, one)


def test_a_bad_shard_is_named(shards, tmp_path):
    bad = tmp_path / "broken_shard.nc"
    bad.write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"broken_shard\.nc"):
        gather_shards([*shards, shards[0]._replace(path=str(bad))], THRESHOLDS)


@pytest.mark.parametrize("copied", [1, 2], ids=["another part of the angle", "another angle"])
def test_a_whole_shard_under_another_name_is_refused(shards, copied, tmp_path):
    shutil.copy(shards[copied].path, shards[0].path)
    with pytest.raises(ValueError, match=f"{shards[0].path} .* instead of .*: repair it with: rm"):
        gather_shards(shards, THRESHOLDS)
    with pytest.raises(ValueError, match=f"{shards[0].path} .* instead of .*: repair it with: rm"):
        build_dataset(shards, tmp_path / "dataset.nc", **SETTINGS)
    assert not (tmp_path / "dataset.nc").exists()


@pytest.mark.parametrize("count", [10, 97, 1000])
def test_shares_are_exact_and_disjoint(count):
    parts = draw_parts(SPLIT, seed=1, twist_index=np.full(count, 8), number=np.arange(count))
    train, validation, test = (np.sum(parts == n) for n in range(3))
    assert test == round(0.2 * count)
    assert validation == round(0.1 * (count - test))
    assert train + validation + test == count


def test_split_does_not_depend_on_order_but_on_seed():
    m, number = np.repeat([8, 9], 100), np.tile(np.arange(100), 2)
    parts = draw_parts(SPLIT, seed=1, twist_index=m, number=number)
    order = np.random.default_rng(0).permutation(200)
    np.testing.assert_array_equal(
        draw_parts(SPLIT, seed=1, twist_index=m[order], number=number[order]), parts[order]
    )
    assert np.mean(draw_parts(SPLIT, seed=2, twist_index=m, number=number) != parts) > 0.2


def test_growth_moves_few_samples():
    before = draw_parts(SPLIT, seed=1, twist_index=np.full(1000, 8), number=np.arange(1000))
    after = draw_parts(SPLIT, seed=1, twist_index=np.full(1500, 8), number=np.arange(1500))[:1000]
    assert np.mean(before != after) < 0.05
