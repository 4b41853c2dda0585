"""Read theta, J and D from a measured image, as `moirespin infer` does."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from moirespin.figures import measured, style
from moirespin.inference.infer import infer, summarise
from moirespin.inference.measurement import Knowledge, check_knowledge, check_measurement
from moirespin.inference.model_files import load_textures
from moirespin.io import csv_tables, provenance
from moirespin.io.atomic import replaced
from moirespin.io.measured_images import read_image
from moirespin.io.posterior_files import summary_table, write_samples
from moirespin.pipeline import jobs
from moirespin.probes.stray_field import Moment

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

SAMPLES = 4000
# What the texture model gives where the config is silent.
RANGES = ("twist_deg", "exchange_mev", "anisotropy_mev")
OPTIONS = ("height_nm", "axis", "aperture_nm", "excess_mev", "point_spread_nm")

logger = jobs.start_inference(snakemake)

entry, output = snakemake.params.known, snakemake.output
image = read_image(snakemake.input.measured, entry["channel"], entry.get("rows"))
measurement = check_measurement(image, entry["pixel_nm"], entry["channel"])
model = load_textures(snakemake.input.model, Moment(**snakemake.params.moment))
known = Knowledge(
    entry["channel"],
    entry.get("units", "arbitrary"),
    **{name: tuple(entry.get(name, getattr(model, name))) for name in RANGES},
    **{name: entry[name] for name in OPTIONS if name in entry},
)
found = infer(
    measurement,
    check_knowledge(known, model),
    model,
    samples=entry.get("samples", SAMPLES),
    seed=snakemake.params.seed,
)
numbers, fitted = summarise(found), found.measurement
for sentence in numbers["warnings"]:
    logger.info("%s: %s", entry["name"], sentence)

made = provenance.of(snakemake)
write_samples(
    found.samples,
    output.posterior,
    image=Path(entry["image"]).name,
    channel=entry["channel"],
    pixel_nm=entry["pixel_nm"],
    noise_std=found.noise_std,
)
csv_tables.write(summary_table(numbers), output.summary, made)
if found.goodness:
    residual = found.goodness.residual
else:
    # A ferromagnet's model is its mean.
    residual = fitted.images - fitted.images.mean(axis=(1, 2), keepdims=True)
fit = measured.draw_fit(fitted.images, residual, fitted.seen, pixel_nm=fitted.pixel_nm)
style.save_picture(fit, output.fit)
style.save_picture(measured.draw_corner(found.samples, found.warnings), output.corner)
with replaced(output.reading) as unfinished:
    text = json.dumps({"measurement": entry, "found": numbers, "made": made}, indent=1)
    Path(unfinished).write_text(text + "\n", encoding="utf-8")
