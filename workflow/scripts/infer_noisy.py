"""Infer the parameters of test images with noise of one level, and what they let anyone know."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from moirespin.images.noise import add_noise
from moirespin.inference.measurement import Knowledge, check_measurement
from moirespin.inference.model_files import load_textures
from moirespin.inference.trial import TESTED, judge_reading, posed_bounds
from moirespin.io import checksum, csv_tables, netcdf, packed_images, provenance
from moirespin.io.measured_images import INTERPOLATION_NM
from moirespin.io.schemas.images import DATASET
from moirespin.learning.split_parts import split_part
from moirespin.pipeline import jobs
from moirespin.probes.stray_field import Moment

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_inference(snakemake)

params = snakemake.params
level, snr_db = params.level["number"], params.level["snr_db"]
model = load_textures(snakemake.input.model, Moment(**params.moment))
known = Knowledge(
    "both",
    "spin",
    model.twist_deg,
    model.exchange_mev,
    model.anisotropy_mev,
    # The images interpolate linearly between the sites.
    (INTERPOLATION_NM, 0.0),
)
digest = checksum.digest(snakemake.input.model)
rows = []
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    test = split_part(samples, "test")
    count = min(params.images, test.sizes["sample"])
    chosen = np.unique(np.linspace(0, test.sizes["sample"] - 1, count).astype(int))
    pixel = float(np.ptp(test["x"].values) / (test.sizes["x"] - 1))
    for row in chosen:
        own = test.isel(sample=[row])
        images = packed_images.unpack(packed_images.load(own["image"])).astype(float)
        names = {name: own[name].values for name in ("twist_index", "set_number")}
        clean, noisy = images, images
        if snr_db is not None:
            noisy = add_noise(images, snr_db=snr_db, seed=params.seed, level=level, **names)
        truth = dict(zip(TESTED, [float(own[n][0]) for n in netcdf.PARAMETERS], strict=True))
        measurement, quiet = (check_measurement(i[0], pixel, "both") for i in (noisy, clean))
        found = judge_reading(
            measurement,
            known,
            model,
            quiet=quiet,
            truth=truth,
            samples=params.samples,
            seed=int(row),
        )
        phase = netcdf.PHASES[int(own["phase"][0])]
        bounds = dict.fromkeys(TESTED, 0.0)
        if snr_db is not None:
            variance = float(np.mean(clean**2) * 10 ** (-snr_db / 10))
            bounds = posed_bounds(
                measurement, known, model, truth=truth, phase=phase, variance=variance
            )
        about = {name: int(values[0]) for name, values in names.items()}
        about |= {"phase": phase, "snr_db": np.inf if snr_db is None else snr_db}
        about |= {"model_sha256": digest}
        rows.append(about | found | {f"{n}_posed_bound": v for n, v in bounds.items()})
        logger.info("image %d: %s in %.1f s", row, found["outcome"], found["seconds"])
csv_tables.write(pd.DataFrame(rows), snakemake.output.readings, provenance.of(snakemake))
