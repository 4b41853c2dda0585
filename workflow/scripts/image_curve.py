"""Score both generators, each trained on fractions of the training set and on all of it."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.image_curve import score_drawn
from moirespin.io import csv_tables, packed_images, provenance
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS
from moirespin.learning.prediction import predict_images
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges
from moirespin.textures.from_sweep import draw_test_images
from moirespin.textures.model_files import load_model

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_learning(snakemake)

params = snakemake.params
ranges, resampling = Ranges(**params.ranges), Resampling(params.bootstrap_samples, params.seed)
made = provenance.of(snakemake)
tables = []
with (
    packed_images.opened(DATASET, snakemake.input.dataset) as samples,
    TemporaryDirectory(dir=Path(snakemake.output.table).parent) as folder,
):
    path = f"{folder}/images.nc"
    pairs = zip(snakemake.input.generator, snakemake.input.textures, strict=True)
    for generator, textures in pairs:
        about = json.loads(Path(generator).with_suffix(".json").read_text(encoding="utf-8"))
        learnt_from = sum(about["samples"].values())
        for name in ("paper's generator", "texture model"):
            if name == "texture model":
                model = load_model(textures)
                draw_test_images(model, samples, params.pixels, path=path, made=made)
            else:
                predict_images(samples, generator, ranges=ranges, path=path, made=made)
            with packed_images.opened(IMAGE_PREDICTIONS, path) as drawn:
                table = score_drawn(drawn, resampling)
            table.insert(0, "training_samples", learnt_from)
            table.insert(0, "generator", name)
            tables.append(table)
table = pd.concat(tables).sort_values(["generator", "training_samples"], kind="stable")
logger.info("%s", table.to_string(index=False))
csv_tables.write(table, snakemake.output.table, made)
