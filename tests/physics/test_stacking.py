"""Tables of exchange: what is taken, and that everything else is refused in one sentence."""

import numpy as np
import pytest

from moirespin.physics.stacking import fit_stacking_map, fit_table, read_table

HEADER = "shift_a1,shift_a2,delta_e_mev\n"
SHIPPED = ["sivadas2018_rigid.csv", "sivadas2018_relaxed.csv"]


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "odd_table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_tables_are_taken(name, pytestconfig, config):
    path = pytestconfig.rootpath / "resources/exchange" / name
    rows = read_table(path)
    assert rows.shape == (38, 3)
    assert rows[0, 0] == pytest.approx(-2 / 3, abs=1e-6)
    shells = config["interlayer"]["stacking_map"]["shells"]
    assert fit_table(path, shells).misfit_mev < 0.4


def test_order_of_rows_and_columns_comments_and_spaces_do_not_matter(write, pytestconfig):
    path = pytestconfig.rootpath / "resources/exchange" / SHIPPED[0]
    rows = read_table(path)
    shuffled = rows[np.random.default_rng(0).permutation(len(rows))]
    lines = [f' {e} , "{a}",{b} # of a path\n' for a, b, e in shuffled.tolist()]
    text = "# mine\n\ndelta_e_mev, shift_a1,shift_a2\n" + "\n".join(lines)
    found = read_table(write(text.encode("utf-8-sig")))
    np.testing.assert_array_equal(found, shuffled)
    np.testing.assert_allclose(
        fit_stacking_map(found, 6).misfit_mev, fit_stacking_map(rows, 6).misfit_mev, rtol=1e-9
    )


# Text of the table, and what the sentence must say.
BAD = {
    "no file": (None, "cannot be read: .*No such file"),
    "no text": (b"\xff\xfe\x00\x00", "cannot be read: "),
    "empty": ("", r"has columns \[\]: it must have \['shift_a1', 'shift_a2', 'delta_e_mev'\]"),
    "no rows": (HEADER + "# none\n", "has no rows"),
    "missing column": ("shift_a1,shift_a2\n0,0\n", "has columns .*: it must have"),
    "energies in eV by name": (
        "shift_a1,shift_a2,delta_e_ev\n0,0,0.01\n",
        r"'delta_e_ev'\]: it must have .*energies in meV",
    ),
    "shifts in nm by name": (
        "shift_x_nm,shift_y_nm,delta_e_mev\n0,0,1\n",
        r"'shift_x_nm', .*: it must have .*shifts from AA stacking in lattice vectors",
    ),
    "column twice": (HEADER.replace("shift_a2", "shift_a1") + "0,0,1\n", "has columns"),
    "semicolons": (HEADER.replace(",", ";") + "0;0;1\n", "has columns"),
    "nan": (HEADER + "0,0,1\n0,0.5,nan\n", "line 3: delta_e_mev is 'nan', but must be a finite"),
    "inf": (HEADER + "# first\n0,-inf,1\n", "line 3: shift_a2 is '-inf', but must be a finite"),
    "word": (HEADER + "0,0,1\nhalf,0,1\n", "line 3: shift_a1 is 'half', but must be a finite"),
    "nothing": (HEADER + "0,0,\n", "line 2: delta_e_mev is '', but must be a finite number"),
    "underscore": (HEADER + "0,0,1_0\n", "line 2: delta_e_mev is '1_0'"),
    "decimal commas": (HEADER + "0,5,0,5,1,2\n", "line 2: 6 entries, but there are 3 columns"),
    "short row": (HEADER + "0,0,1\n\n0,1\n", "line 4: 2 entries, but there are 3 columns"),
    "shift in angstrom": (
        HEADER + "0,3.43,1\n",
        r"line 2: shift_a2 is 3\.43, but must lie within \+-3 lattice vectors: check the unit",
    ),
    "huge energy": (
        HEADER + "0,0,-11600\n",
        r"line 2: delta_e_mev is -11600, but must lie within \+-1000 meV: check the unit",
    ),
    "energies in eV by size": (
        HEADER + "0,0,-0.0116\n0,0.5,0.0118\n",
        r"largest delta_e_mev is 0\.0118, but must be at least 0\.02: .* in meV, not eV",
    ),
    "two energies of one shift": (
        HEADER + "0,0,1\n0.5,0,2\n-0.0000001,0,3\n",
        "line 4: delta_e_mev is 3, but line 2 has 1 at the same shift: .* must have one energy",
    ),
    "too few rows": (
        HEADER + "0,0,1\n0.1,0.1,2\n0.3,0.3,3\n",
        r"has 3 shifts for 3 or more plane waves: .* interlayer\.stacking_map\.shells than 6",
    ),
    "rows that say the same": (HEADER + "0,0,1\n0.1,0.1,2\n" + 9 * "0.3,0.3,3\n", "has 3 shifts"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_bad_tables_are_refused_in_one_sentence(tmp_path, write, text, said):
    path = tmp_path / "odd_table.csv" if text is None else write(text)
    with pytest.raises(ValueError, match=rf"^exchange table .*odd_table\.csv.* ?{said}") as error:
        fit_table(path, 6)
    assert "\n" not in str(error.value)


def test_a_folder_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=r"cannot be read: .*Is a directory"):
        read_table(tmp_path)
