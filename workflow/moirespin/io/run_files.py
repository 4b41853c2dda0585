"""The files of a run's folder: the schema of each, and how any of them is read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from moirespin.io import netcdf, packed_images
from moirespin.io.damage import reading
from moirespin.io.schemas import beyond, images, scores, states, trials
from moirespin.io.schemas.base import Schema

# Patterns of paths within the folder of a run, and the schema of the files.
SCHEMAS = {
    "shards/*/*.nc": states.SHARD,
    "phase_lines/*.nc": states.LINES_OF_ANGLE,
    "phase_lines.nc": states.PHASE_LINES,
    "phase_diagram.nc": states.PHASE_DIAGRAM,
    "challenge/*.nc": trials.CHALLENGE_OF_ANGLE,
    "challenge.nc": trials.CHALLENGE,
    "examples.nc": states.SHARD,
    "exchange_map.nc": states.EXCHANGE_MAP,
    "dataset.nc": images.DATASET,
    "predictions/parameters.nc": images.PARAMETER_PREDICTIONS,
    "predictions/joint.nc": images.PARAMETER_PREDICTIONS,
    "predictions/images.nc": images.IMAGE_PREDICTIONS,
    "predictions/textures.nc": images.IMAGE_PREDICTIONS,
    "scores/regression.nc": scores.REGRESSION_SCORES,
    "scores/regression_profiles.nc": scores.PROFILES,
    "scores/error_pca.nc": scores.ERROR_PCA,
    "scores/snr.nc": scores.SNR_SCORES,
    "scores/snr_joint.nc": scores.SNR_SCORES,
    "scores/information.nc": beyond.SAMPLE_INFORMATION,
    "scores/generator.nc": scores.GENERATOR_SCORES,
    "scores/textures.nc": scores.GENERATOR_SCORES,
    "scores/generator_profiles.nc": scores.PROFILES,
    "scores/error_alignment.nc": beyond.ERROR_ALIGNMENT,
    "fisher.nc": beyond.FISHER,
}


def schema_of(path: str) -> Schema:
    """Return the schema of a netCDF file of a run.

    Raises:
        ValueError: if runs have no such file.
    """
    for pattern, schema in SCHEMAS.items():
        if Path(path).match(pattern):
            return schema
    raise ValueError(f"{path} is no file of a run: io/run_files.py lists them")


@contextmanager
def opened(path: str) -> Iterator[Any]:
    """Yield what a file of a run holds.

    That is a dataset (loaded, unless it has images, which are left in the file), a table, the
    contents of a JSON file, or for the weights of a network their path.

    Raises:
        ValueError: if the file is unreadable or of another schema, naming it and a remedy.
    """
    match Path(path).suffix:
        case ".nc":
            schema = schema_of(path)
            if packed_images.image_names(schema):
                with netcdf.opened(schema, path) as dataset:
                    yield dataset
            else:
                yield netcdf.read(schema, path)
        case ".csv":
            with reading(path):
                table = pd.read_csv(path)
            yield table
        case ".json":
            with reading(path):
                record = json.loads(Path(path).read_text(encoding="utf-8"))
            yield record
        case _:
            yield path
