"""
Train the networks and let them predict the test set.

Reads:  config.yaml (seed, images, regressor, generator, noise), results/{run}/dataset.nc
Writes: results/{run}/models/twist_angle.safetensors, exchange, anisotropy, generator, each with
        its .json; results/{run}/predictions/parameters.nc, images.nc; results/{run}/scores/snr.nc
"""


rule train_regressor:
    input:
        dataset="results/{run}/dataset.nc",
    output:
        model="results/{run}/models/{parameter}.safetensors",
        about="results/{run}/models/{parameter}.json",
    log:
        "results/{run}/logs/train_regressor/{parameter}.log",
    benchmark:
        "results/{run}/benchmarks/train_regressor/{parameter}.tsv"
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
        dataset="results/{run}/dataset.nc",
    output:
        model="results/{run}/models/generator.safetensors",
        about="results/{run}/models/generator.json",
    log:
        "results/{run}/logs/train_generator.log",
    benchmark:
        "results/{run}/benchmarks/train_generator.tsv"
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
        dataset="results/{run}/dataset.nc",
        twist_angle="results/{run}/models/twist_angle.safetensors",
        exchange="results/{run}/models/exchange.safetensors",
        anisotropy="results/{run}/models/anisotropy.safetensors",
    output:
        predictions="results/{run}/predictions/parameters.nc",
    log:
        "results/{run}/logs/predict_parameters.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_parameters"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_parameters.py"


rule predict_images:
    input:
        dataset="results/{run}/dataset.nc",
        model="results/{run}/models/generator.safetensors",
    output:
        predictions="results/{run}/predictions/images.nc",
    log:
        "results/{run}/logs/predict_images.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_images"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_images.py"


rule sweep_snr:
    input:
        dataset="results/{run}/dataset.nc",
        twist_angle="results/{run}/models/twist_angle.safetensors",
        exchange="results/{run}/models/exchange.safetensors",
        anisotropy="results/{run}/models/anisotropy.safetensors",
    output:
        scores="results/{run}/scores/snr.nc",
    log:
        "results/{run}/logs/sweep_snr.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("sweep_snr"),
        ranges=parameter_ranges(),
        snr=config["noise"],
        seed=config["seed"],
    script:
        "../scripts/sweep_snr.py"
