"""A file that is whole but not the one that its name says is refused, and what mends it is said."""

import numpy as np
import pytest

import mocks
from moirespin.io import netcdf
from moirespin.io.schemas.states import LINES_OF_ANGLE, PHASE_LINES, SHARD
from moirespin.io.schemas.trials import CHALLENGE, CHALLENGE_OF_ANGLE
from moirespin.states.gathering import gather_challenges, gather_lines, plan_sweep, read_shard
from moirespin.states.parameter_space import Box
from moirespin.states.sweep import Sweep

BOX = Box((1.0, 10.0), (0.01, 0.3))
SWEEP = Sweep((8, 9), sets_per_angle=5, sets_per_shard=3, box=BOX)
OTHER = SWEEP._replace(box=BOX._replace(exchange_mev=(1.0, 9.0)))
SEED = 7


def write_shard(planned, path):
    shard = mocks.dataset(SHARD, set=len(planned.numbers), site=4, start=1)
    shard["twist_index"][:] = planned.twist_index
    shard["set_number"][:] = planned.numbers
    shard["exchange"][:], shard["anisotropy"][:] = planned.parameters_mev.T
    netcdf.write(SHARD, shard, path)


@pytest.fixture
def plan(tmp_path):
    """The shards of a small sweep, all written."""
    paths = [str(tmp_path / f"m{m}_{chunk}.nc") for m in (8, 9) for chunk in (0, 1)]
    planned = plan_sweep(paths, SWEEP, SEED)
    for one in planned:
        write_shard(one, one.path)
    return planned


def refusal(call, path):
    with pytest.raises(ValueError) as caught:
        call()
    sentence = str(caught.value)
    assert sentence.startswith(path)
    assert sentence.endswith(f": repair it with: rm -f {path} && snakemake")
    return sentence.removeprefix(path).partition(": repair")[0].strip()


def test_plan_is_the_sweep(plan):
    cuts = [(one.twist_index, list(one.numbers)) for one in plan]
    assert cuts == [(8, [0, 1, 2]), (8, [3, 4]), (9, [0, 1, 2]), (9, [3, 4])]
    for one in plan:
        np.testing.assert_array_equal(read_shard(one)["exchange"], one.parameters_mev[:, 0])


def test_shard_of_another_angle_is_refused(plan):
    write_shard(plan[2], plan[0].path)
    said = refusal(lambda: read_shard(plan[0]), plan[0].path)
    assert said == "is of the twist index 9 instead of 8"


def test_another_part_of_an_angle_is_refused(plan):
    write_shard(plan[1], plan[0].path)
    said = refusal(lambda: read_shard(plan[0]), plan[0].path)
    assert said == "holds the sets 3 to 4 (2 of them) of its angle instead of 0 to 2 (3 of them)"


@pytest.mark.parametrize(("sweep", "seed"), [(OTHER, SEED), (SWEEP, SEED + 1)])
def test_shard_of_another_box_or_seed_is_refused(sweep, seed, plan):
    write_shard(plan_sweep([one.path for one in plan], sweep, seed)[3], plan[3].path)
    said = refusal(lambda: read_shard(plan[3]), plan[3].path)
    assert said == "has J and D of another seed or of another box of the sweep"


@pytest.fixture
def lines(tmp_path):
    """Paths of the phase lines of two angles, and the lines."""
    found = {}
    for m in (8, 9):
        part = mocks.dataset(LINES_OF_ANGLE, m, twist=1, exchange_point=3, anisotropy_point=2)
        part["twist_index"][:] = m
        part["line_exchange"][:], part["line_anisotropy"][:] = [1, 4, 10], [0.01, 0.3]
        found[str(tmp_path / f"m{m}.nc")] = part
        netcdf.write(LINES_OF_ANGLE, part, tmp_path / f"m{m}.nc")
    return found


def test_lines_are_joined_in_the_order_of_their_angles(lines):
    found = gather_lines(list(lines), [8, 9], BOX)
    assert netcdf.check(PHASE_LINES, found)["twist_index"].values.tolist() == [8, 9]
    assert found["line_exchange"].dims == ("exchange_point",)
    for row, part in enumerate(lines.values()):
        np.testing.assert_array_equal(found["fm_line"][row], part["fm_line"][0])


def test_lines_of_another_angle_are_refused(lines):
    first, second = lines
    netcdf.write(LINES_OF_ANGLE, lines[first], second)
    said = refusal(lambda: gather_lines(list(lines), [8, 9], BOX), second)
    assert said == "is of the twist index 8 instead of 9"


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ([1, 4, 9], "has lines from 1 to 9 meV of exchange instead of from 1 to 10"),
        ([1, 5, 10], "has other points of exchange than "),
    ],
)
def test_lines_of_another_grid_are_refused(grid, said, lines):
    _, second = lines
    netcdf.write(
        LINES_OF_ANGLE,
        lines[second].assign(
            line_exchange=("exchange_point", grid, lines[second]["line_exchange"].attrs)
        ),
        second,
    )
    assert refusal(lambda: gather_lines(list(lines), [8, 9], BOX), second).startswith(said)


def test_lines_of_one_angle_do_not_pass_for_all(lines):
    first, _ = lines
    said = refusal(lambda: netcdf.read(PHASE_LINES, first), first)
    assert "is no phase_lines but has the title 'phase_lines_of_angle'" in said


def test_challenges_are_joined_and_held_against_their_angles(tmp_path):
    paths = [str(tmp_path / f"m{m}.nc") for m in (8, 9)]
    for path, m in zip(paths, (8, 9), strict=True):
        part = mocks.dataset(CHALLENGE_OF_ANGLE, m, set=2, trial=1)
        part["twist_index"][:] = m
        netcdf.write(CHALLENGE_OF_ANGLE, part, path)
    found = netcdf.check(CHALLENGE, gather_challenges(paths, [8, 9]))
    assert found["twist_index"].values.tolist() == [8, 8, 9, 9]
    said = refusal(lambda: gather_challenges(paths, [8, 10]), paths[1])
    assert said == "is of the twist index 9 instead of 10"
