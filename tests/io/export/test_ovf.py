"""The format OVF 2.0, by a strict reader, gives back what was written."""

import re

import numpy as np
import pytest

from export_example import written


def read_ovf(content):
    """Return header and values (z, y, x, component) of an OVF 2.0 file, strictly read."""
    head, _, rest = content.partition(b"# Begin: Data Binary 8\n")
    lines = head.decode("ascii").splitlines()
    assert lines[0] == "# OOMMF OVF 2.0"
    assert lines[1:4] == ["# Segment count: 1", "# Begin: Segment", "# Begin: Header"]
    assert lines[-1] == "# End: Header"
    entries = [re.fullmatch(r"# (\w+): (.*)", line).groups() for line in lines[4:-1]]
    header = {key: value for key, value in entries if key != "Desc"}
    assert len(header) == len([key for key, _ in entries if key != "Desc"])
    nodes = [int(header[f"{axis}nodes"]) for axis in "zyx"]
    assert rest[:8] == np.array(123456789012345.0, "<f8").tobytes()
    count = int(np.prod(nodes)) * int(header["valuedim"])
    values = np.frombuffer(rest[8 : 8 + 8 * count], "<f8").reshape(*nodes, -1)
    assert rest[8 + 8 * count :] == b"\n# End: Data Binary 8\n# End: Segment\n"
    return header, values


def test_ovf(texture, tmp_path):
    header, values = read_ovf(written(texture, tmp_path, ".ovf").read_bytes())
    np.testing.assert_array_equal(values[0], texture.images.spins[1])
    np.testing.assert_array_equal(values[1], texture.images.spins[0])
    assert header["meshtype"] == "rectangular" and header["meshunit"] == "m"
    for axis, step_nm, width_nm in (("x", 0.5, 2.5), ("y", 0.5, 2.5), ("z", 0.67, 1.34)):
        low, high, base, step = (
            1e9 * float(header[axis + key]) for key in ("min", "max", "base", "stepsize")
        )
        assert step == pytest.approx(step_nm)
        assert (low, high) == pytest.approx((-width_nm / 2, width_nm / 2))
        assert base == pytest.approx(low + step / 2)
