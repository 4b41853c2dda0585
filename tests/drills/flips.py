"""Flip random bits of a netCDF file and say what becomes of them, with and without its seal.

    python tests/drills/flips.py results/laptop/dataset.nc [--flips 300] [--first 12000]

--first keeps to the first bytes, where HDF5 says what the values are and where they lie. Every
reading is a process of its own, ended after ten seconds: a flipped bit can make HDF5 loop for ever.
"""

import argparse
import os
import random
import signal
import tempfile
from collections import Counter
from pathlib import Path

import xarray as xr

from moirespin.io import checksum

LONGEST_READING_S = 10
NOTICED, HARMLESS, SILENT = 10, 11, 12


def reading(path: Path, truth: xr.Dataset, sealed: bool) -> str:
    """Return what a reader of the file at `path` meets."""
    child = os.fork()
    if not child:
        signal.alarm(LONGEST_READING_S)
        outcome = NOTICED
        try:
            if sealed:
                checksum.check_seal(path)
            with xr.open_dataset(path, engine="netcdf4") as file:
                outcome = HARMLESS if file.load().identical(truth) else SILENT
        finally:
            os._exit(outcome)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return "hung" if os.WTERMSIG(status) == signal.SIGALRM else "crashed"
    names = {NOTICED: "noticed", HARMLESS: "harmless", SILENT: "other values, in silence"}
    return names[os.WEXITSTATUS(status)]


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--flips", type=int, default=300)
    parser.add_argument("--first", type=int)
    options = parser.parse_args()
    whole = options.path.read_bytes()
    with xr.open_dataset(options.path, engine="netcdf4") as file:
        truth = file.load()
    generator = random.Random(1)
    counts = {"without seal": Counter(), "with seal": Counter()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flipped.nc"
        for _ in range(options.flips):
            place = generator.randrange(options.first or len(whole) - checksum.LENGTH)
            content = bytearray(whole)
            content[place] ^= 1 << generator.randrange(8)
            path.write_bytes(content)
            counts["with seal"][reading(path, truth, sealed=True)] += 1
            path.write_bytes(content[: -checksum.LENGTH])
            counts["without seal"][reading(path, truth, sealed=False)] += 1
    for name, count in counts.items():
        print(f"{name}: {dict(count)}")


if __name__ == "__main__":
    main()
