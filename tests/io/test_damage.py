"""A file that cannot be used: its name, one sentence, and a remedy that is safe to type."""

import os
import resource
import subprocess
import sys

import netCDF4
import pytest

from moirespin.io import netcdf
from moirespin.io.damage import UnusableFile, reading, unusable
from moirespin.io.schemas.states import SHARD


def said_of(path, error=None):
    with pytest.raises(UnusableFile) as caught, reading(path):
        if error:
            raise error
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError("Unable to allocate 29.6 GiB"), "does not fit into memory (Unable to"),
        (RecursionError("maximum recursion depth"), "is unreadable (maximum recursion depth)"),
        (KeyError("shape"), "is unreadable ('shape')"),
        (AttributeError(), "is unreadable (AttributeError)"),
        (ValueError("two\nlines"), "is unreadable (two lines)"),
        (ValueError("9" * 5000), f"is unreadable ({'9' * 300}...)"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "is unreadable ('utf-8' codec"),
    ],
)
def test_whatever_a_library_raises_names_the_file(error, said, tmp_path):
    path = tmp_path / "it's here.json"
    path.touch()
    sentence = said_of(path, error)
    assert said in sentence
    assert sentence.endswith(f"rm -f '{tmp_path}/it'\"'\"'s here.json' && snakemake")


def test_missing_file_is_named(tmp_path):
    assert "No such file" in said_of(tmp_path / "none.nc")


def make_pipe(path):
    os.mkfifo(path)


@pytest.mark.parametrize(
    "make",
    [make_pipe, lambda path: path.mkdir(), lambda path: path.symlink_to("/dev/zero")],
    ids=["pipe", "folder", "device"],
)
def test_what_is_no_regular_file_is_neither_read_nor_deleted(make, tmp_path):
    path = tmp_path / "shard.nc"
    make(path)
    with pytest.raises(UnusableFile, match="it is no regular file") as caught:
        netcdf.read(SHARD, path)
    assert str(caught.value).endswith("move it away and run snakemake again")


def test_link_to_a_file_is_read(tmp_path):
    (tmp_path / "there").write_text("text")
    (tmp_path / "here").symlink_to("there")
    with reading(tmp_path / "here"):
        assert (tmp_path / "here").read_text() == "text"


def test_header_of_a_huge_file_ends_in_a_sentence(tmp_path):
    path = tmp_path / "shard.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("set", 2 * 10**9)
        file.createVariable("energy", "f8", ("set",), chunksizes=(1000,))
    code = (
        "from moirespin.io import netcdf; from moirespin.io.schemas.states import SHARD;"
        f"netcdf.read(SHARD, {str(path)!r})"
    )
    limit = 8 * 2**30
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        capture_output=True,
        text=True,
    )
    last = done.stderr.splitlines()[-1]
    assert f"{path} does not fit into memory (Unable to allocate 14.9 GiB" in last
    assert last.endswith(f"repair it with: rm -f {path} && snakemake")


def test_another_kind_of_file_has_a_remedy(tmp_path):
    path = tmp_path / "some.nc"
    path.touch()
    assert str(unusable(path, "is of another kind")).endswith(f"rm -f {path} && snakemake")
