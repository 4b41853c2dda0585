"""Simulate measurements of relaxed states, and infer their parameters."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from moirespin.inference.model_files import load_textures
from moirespin.inference.simulated import posed_waves, take
from moirespin.inference.trial import TESTED, TrialPlan, draw_take, judge_reading, knowledge
from moirespin.io import checksum, csv_tables, netcdf, provenance
from moirespin.io.schemas.states import SHARD
from moirespin.pipeline import jobs
from moirespin.probes.stray_field import Moment
from moirespin.states.phase_lines import critical_anisotropy
from moirespin.states.phases import DOMAIN, Thresholds, classify, has_image
from moirespin.states.settings import build_model, read_material

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

LINE_POINTS = 5

logger = jobs.start_inference(snakemake)

params = snakemake.params
plan = TrialPlan(**params.trials)
states = netcdf.read(SHARD, snakemake.input.shard)
model = load_textures(snakemake.input.model, Moment(**params.moment))
twist_index = params.shard["twist_index"]
bilayer, couplings = build_model(twist_index, read_material(params.model))
period = float(np.linalg.norm(bilayer.supercell[0]))
phases = classify(states["magnetization"].values, Thresholds(**params.thresholds))
shown = np.flatnonzero(has_image(phases))
exchange = states["exchange"].values[shown]
# The line is smooth in ln J: a few points of it do for all sets.
points = np.geomspace(*params.sweep["exchange_mev"], LINE_POINTS)
line = PchipInterpolator(np.log(points), critical_anisotropy(couplings, points))(np.log(exchange))
digest = checksum.digest(snakemake.input.model)
rows = []
for row, critical in zip(shown, line, strict=True):
    state = states.isel(set=row)
    number = int(state["set_number"])
    own = draw_take(
        plan, seed=params.seed, twist_index=twist_index, number=number, period_nm=period
    )
    texture = posed_waves(bilayer, state["spins"].values, own.pose)
    measurement, deviation = take(texture, own.camera, model.magnet, noise=own.noise)
    clean = own.camera._replace(snr_db=np.inf)
    quiet, _ = take(texture, clean, model.magnet, noise=own.noise)
    true = [float(state[name]) for name in netcdf.PARAMETERS]
    found = judge_reading(
        measurement,
        knowledge(own, model),
        model,
        quiet=quiet,
        truth=dict(zip(TESTED, true, strict=True)),
        samples=plan.samples,
        seed=number,
    )
    shown_layer = int(own.pose.copy.swapped)
    size = np.abs(state["magnetization"].values)
    hidden = phases[row] == DOMAIN and size[shown_layer] > size[1 - shown_layer]
    about = {
        "twist_index": twist_index,
        "set_number": number,
        "phase": netcdf.PHASES[phases[row]],
        "fm_line_distance_mev": critical - true[2],
        "channel": own.camera.channel,
        "units": own.units,
        "snr_db": own.camera.snr_db,
        "height_nm": own.camera.height_nm if own.camera.channel == "stray-field" else np.nan,
        "rotation_deg": np.degrees(own.pose.rotation_rad),
        "mirrored": own.pose.copy.mirrored < 0,
        "layers_swapped": own.pose.copy.swapped > 0,
        "domains_hidden": own.camera.channel == "top" and hidden,
        "true_noise_std": deviation[0],
        "model_sha256": digest,
    }
    rows.append(about | found)
    logger.info(
        "set %d, %s: %s in %.1f s", number, about["channel"], found["outcome"], found["seconds"]
    )
csv_tables.write(pd.DataFrame(rows), snakemake.output.readings, provenance.of(snakemake))
