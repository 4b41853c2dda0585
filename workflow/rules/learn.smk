"""
Train the networks and let them predict the test set.

Reads:  config.yaml (seed, images, regressor, generator, noise), <run>/dataset.nc
Writes: <run>/models/twist_angle.safetensors, exchange, anisotropy, generator, each with
        its .json; <run>/predictions/parameters.nc, images.nc; <run>/scores/snr.nc
"""


rule train_regressor:
    input:
        dataset="<run>/dataset.nc",
    output:
        model="<run>/models/{parameter}.safetensors",
        about="<run>/models/{parameter}.json",
    log:
        "<run>/logs/train_regressor/{parameter}.log",
    benchmark:
        "<run>/benchmarks/train_regressor/{parameter}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("train_regressor"),
        target=target_of,
        widths=config["regressor"]["widths"],
        training=config["regressor"]["training"],
        ranges=parameter_ranges(),
        seed=config["seed"],
    script:
        "../scripts/train_regressor.py"


rule train_generator:
    input:
        dataset="<run>/dataset.nc",
    output:
        model="<run>/models/generator.safetensors",
        about="<run>/models/generator.json",
    log:
        "<run>/logs/train_generator.log",
    benchmark:
        "<run>/benchmarks/train_generator.tsv"
    # The longest training: the others fit beside it.
    priority: 1
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("train_generator"),
        pixels={"generator": config["images"]["generator_pixels"]},
        shape=config["generator"]["widths"] | {"input_scale": config["generator"]["input_scale"]},
        training=config["generator"]["training"],
        ranges=parameter_ranges(),
        seed=config["seed"],
    script:
        "../scripts/train_generator.py"


rule predict_parameters:
    input:
        dataset="<run>/dataset.nc",
        twist_angle="<run>/models/twist_angle.safetensors",
        exchange="<run>/models/exchange.safetensors",
        anisotropy="<run>/models/anisotropy.safetensors",
    output:
        predictions="<run>/predictions/parameters.nc",
    log:
        "<run>/logs/predict_parameters.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_parameters"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_parameters.py"


rule predict_images:
    input:
        dataset="<run>/dataset.nc",
        model="<run>/models/generator.safetensors",
    output:
        predictions="<run>/predictions/images.nc",
    log:
        "<run>/logs/predict_images.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_images"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_images.py"


rule sweep_snr:
    input:
        dataset="<run>/dataset.nc",
        twist_angle="<run>/models/twist_angle.safetensors",
        exchange="<run>/models/exchange.safetensors",
        anisotropy="<run>/models/anisotropy.safetensors",
    output:
        scores="<run>/scores/snr.nc",
    log:
        "<run>/logs/sweep_snr.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("sweep_snr"),
        ranges=parameter_ranges(),
        snr=config["noise"],
        seed=config["seed"],
    script:
        "../scripts/sweep_snr.py"
