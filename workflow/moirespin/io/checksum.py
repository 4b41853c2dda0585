"""A checksum at the end of a netCDF file, over all that comes before it.

HDF5's own checksums guard the values but not all that says where and what the values are: of bits
flipped among that, some give other values in silence, and some make HDF5 loop for ever. HDF5 does
not look at what follows its own end, so every tool reads a sealed file.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

HEAD = b"\nmoirespin sha256 "
LENGTH = len(HEAD) + 64 + 1
BLOCK_BYTES = 2**20


def digest(path: str | Path) -> str:
    """Return the SHA-256 of a whole file, as `sha256sum` prints it."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def add_seal(path: str | Path) -> None:
    """Append the checksum of the file at `path`."""
    with open(path, "rb+") as file:
        seal = _seal(file, file.seek(0, os.SEEK_END))
        file.seek(0, os.SEEK_END)
        file.write(seal)


def check_seal(path: str | Path, required: bool = False) -> None:
    """Raise if the file at `path` is not what was sealed.

    Args:
        path: a netCDF file.
        required: whether a file without a seal is refused. It is let through otherwise, such as one
            that another program has written; HDF5 itself notices where a file is cut short.

    Raises:
        ValueError: if a byte differs, or a seal is missing that is required.
        OSError: if the file cannot be read.
    """
    with open(path, "rb") as file:
        contents = max(0, file.seek(0, os.SEEK_END) - LENGTH)
        file.seek(contents)
        found = file.read()
        if found.startswith(HEAD) and found != _seal(file, contents):
            raise ValueError("its checksum is wrong")
        if required and not found.startswith(HEAD):
            raise ValueError("it has no checksum")


def _seal(file: BinaryIO, length: int) -> bytes:
    running = hashlib.sha256()
    file.seek(0)
    for start in range(0, length, BLOCK_BYTES):
        running.update(file.read(min(BLOCK_BYTES, length - start)))
    return HEAD + running.hexdigest().encode() + b"\n"
