"""Weights of a model (safetensors) and the JSON record beside them, which holds their checksum."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from moirespin.io.atomic import replaced
from moirespin.io.checksum import digest
from moirespin.io.damage import require_regular

CHECKSUM = "sha256"


def data_fingerprint(*arrays: np.ndarray) -> str:
    """Return the fingerprint of the values of arrays, in this order: what a model was made from."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def record_path(path: str | Path) -> Path:
    """Return where the record of the weights at `path` lies."""
    return Path(path).with_suffix(".json")


def write(arrays: dict[str, np.ndarray], about: dict[str, Any], path: str | Path) -> None:
    """Write arrays to `path` and `about`, with their checksum, beside it: both or none."""
    stored = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with replaced(record_path(path)) as record, replaced(path) as weights:
        save_file(stored, weights)
        _write_record(record, about | {CHECKSUM: digest(weights)})


def annotate(path: str | Path, **more: Any) -> None:
    """Add to the record of the weights at `path`, such as what made them; it stays whole."""
    about = json.loads(record_path(path).read_text(encoding="utf-8")) | more
    with replaced(record_path(path)) as record:
        _write_record(record, about)


def _write_record(path: str, about: dict[str, Any]) -> None:
    Path(path).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def read_record(path: str | Path) -> dict[str, Any]:
    """Return the record of the weights at `path`, once both belong together.

    Raises:
        OSError: if a file cannot be read.
        ValueError: if the record is none, or the weights are not those that were written.
    """
    for file in (path, record_path(path)):
        require_regular(file)
    about = json.loads(record_path(path).read_text(encoding="utf-8"))
    if not isinstance(about, dict) or CHECKSUM not in about:
        raise ValueError("its JSON holds no checksum")
    if about[CHECKSUM] != digest(path):
        raise ValueError("its checksum is wrong")
    return about


def read(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays at `path` and their record.

    Raises:
        OSError: if a file cannot be read.
        ValueError: as `read_record`, and if an array holds what is no finite number.
        SafetensorError: if the weights have another format.
    """
    about = read_record(path)
    arrays = load_file(path)
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"numbers in {name} are not finite")
    return arrays, about
