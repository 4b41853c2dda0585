"""
Read measured images; put inference to the test on images of states that no model has seen.

Reads:  config.yaml (measurements, calibration, noise_limits, probe_limits, magnet, and what relaxes
        states)
        the measured images; the shipped texture model, or <run>/models/textures.safetensors
Writes: <run>/measurements/<name>/posterior.nc, summary.csv, reading.json, fit.png, corner.png;
        <run>/tables/measurements.csv
        on request: <run>/calibration/states/m09/000.nc ..., readings/m09/000.csv ...;
        tables/calibration.csv; the same of another interlayer exchange in calibration/foreign;
        tables/foreign.csv; <run>/noise_limits/0.csv ..., tables/noise_limits.csv
"""


rule measure_image:
    input:
        unpack(measured_files),
    output:
        posterior="<run>/measurements/{image}/posterior.nc",
        reading="<run>/measurements/{image}/reading.json",
        summary="<run>/measurements/{image}/summary.csv",
        about="<run>/measurements/{image}/summary.csv-metadata.json",
        fit=report(
            "<run>/measurements/{image}/fit.png",
            "../report/measurement_fit.rst",
            category="Measurements",
            labels={"image": "{image}", "shows": "image, model and residual"},
        ),
        corner=report(
            "<run>/measurements/{image}/corner.png",
            "../report/measurement_corner.rst",
            category="Measurements",
            labels={"image": "{image}", "shows": "posterior of theta, J and D"},
        ),
    log:
        "<run>/logs/measure_image/{image}.log",
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("measure_image"),
        known=measurement_of,
        moment=config["magnet"],
        seed=config["seed"],
    script:
        "../scripts/measure_image.py"


rule gather_measurements:
    input:
        readings=reading_paths,
    output:
        table=report(
            "<run>/tables/measurements.csv",
            "../report/measurements.rst",
            category="Tables",
            labels={"table": "measurements", "shows": products.MEASURED["measurements"]},
        ),
        about="<run>/tables/measurements.csv-metadata.json",
    log:
        "<run>/logs/gather_measurements.log",
    localrule: True
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("gather_measurements"),
    script:
        "../scripts/gather_measurements.py"


use rule relax_shard as relax_unseen with:
    output:
        shard="<run>/calibration/states/m{twist}/{chunk}.nc",
    log:
        "<run>/logs/relax_unseen/m{twist}/{chunk}.log",
    benchmark:
        "<run>/benchmarks/relax_unseen/m{twist}/{chunk}.tsv"
    params:
        shard=unseen_slice,
        model=blocks("lattice", "interlayer", "ground_state", "relax")
        | {"seed": config["calibration"]["seed"]},


rule infer_unseen:
    input:
        unpack(model_of("calibration")),
        shard="<run>/calibration/states/m{twist}/{chunk}.nc",
        table=interlayer_table,
    output:
        readings="<run>/calibration/readings/m{twist}/{chunk}.csv",
        about="<run>/calibration/readings/m{twist}/{chunk}.csv-metadata.json",
    log:
        "<run>/logs/infer_unseen/m{twist}/{chunk}.log",
    benchmark:
        "<run>/benchmarks/infer_unseen/m{twist}/{chunk}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("infer_unseen"),
        shard=unseen_slice,
        trials=trials(),
        sweep=box(),
        thresholds=config["phases"],
        moment=config["magnet"],
        model=blocks("lattice", "interlayer"),
        seed=config["calibration"]["seed"],
    script:
        "../scripts/infer_unseen.py"


rule calibration:
    input:
        tables=unseen_readings,
    output:
        table=report(
            "<run>/tables/calibration.csv",
            "../report/calibration.rst",
            category="Tables",
            labels={"table": "calibration", "shows": "inference put to the test, image by image"},
        ),
        about="<run>/tables/calibration.csv-metadata.json",
    log:
        "<run>/logs/calibration.log",
    localrule: True
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("gather_tables"),
    script:
        "../scripts/gather_tables.py"


use rule relax_shard as relax_foreign with:
    input:
        table=foreign_table,
    output:
        shard="<run>/calibration/foreign/states/m{twist}/{chunk}.nc",
    log:
        "<run>/logs/relax_foreign/m{twist}/{chunk}.log",
    benchmark:
        "<run>/benchmarks/relax_foreign/m{twist}/{chunk}.tsv"
    params:
        shard=foreign_slice,
        model=foreign_states,


use rule infer_unseen as infer_foreign with:
    input:
        unpack(model_of("calibration")),
        shard="<run>/calibration/foreign/states/m{twist}/{chunk}.nc",
        table=foreign_table,
    output:
        readings="<run>/calibration/foreign/readings/m{twist}/{chunk}.csv",
        about="<run>/calibration/foreign/readings/m{twist}/{chunk}.csv-metadata.json",
    log:
        "<run>/logs/infer_foreign/m{twist}/{chunk}.log",
    benchmark:
        "<run>/benchmarks/infer_foreign/m{twist}/{chunk}.tsv"
    params:
        shard=foreign_slice,
        model=foreign_material,


use rule calibration as foreign with:
    input:
        tables=foreign_readings,
    output:
        table=report(
            "<run>/tables/foreign.csv",
            "../report/foreign.rst",
            category="Tables",
            labels={"table": "foreign", "shows": "images of another interlayer exchange"},
        ),
        about="<run>/tables/foreign.csv-metadata.json",
    log:
        "<run>/logs/foreign.log",


rule infer_noisy:
    input:
        unpack(model_of("noise_limits")),
        dataset="<run>/dataset.nc",
    output:
        readings="<run>/noise_limits/{level}.csv",
        about="<run>/noise_limits/{level}.csv-metadata.json",
    log:
        "<run>/logs/infer_noisy/{level}.log",
    benchmark:
        "<run>/benchmarks/infer_noisy/{level}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("infer_noisy"),
        level=level_of,
        images=config["noise_limits"]["images"],
        samples=config["noise_limits"]["samples"],
        moment=config["magnet"],
        seed=config["seed"],
    script:
        "../scripts/infer_noisy.py"


use rule calibration as noise_limits with:
    input:
        tables=noisy_readings,
    output:
        table=report(
            "<run>/tables/noise_limits.csv",
            "../report/noise_limits.rst",
            category="Tables",
            labels={"table": "noise_limits", "shows": "inference from noisy test images"},
        ),
        about="<run>/tables/noise_limits.csv-metadata.json",
    log:
        "<run>/logs/noise_limits.log",


rule probe_limits:
    input:
        model="<run>/models/textures.safetensors",
    output:
        table=report(
            "<run>/tables/probe_limits.csv",
            "../report/probe_limits.rst",
            category="Tables",
            labels={
                "table": "probe_limits",
                "shows": products.MEASURED["probe_limits"],
            },
        ),
        about="<run>/tables/probe_limits.csv-metadata.json",
    log:
        "<run>/logs/probe_limits.log",
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("probe_limits"),
        study=config["probe_limits"],
        sweep=box(),
        moment=config["magnet"],
    script:
        "../scripts/probe_limits.py"
