"""
Train one network for all parameters, and set it beside the paper's.

Reads:  config.yaml (seed, joint), results/{run}/dataset.nc, predictions/parameters.nc
Writes: results/{run}/models/joint.safetensors with its .json, predictions/joint.nc
        results/{run}/tables/networks.csv
"""


rule train_joint:
    input:
        dataset="results/{run}/dataset.nc",
    output:
        model="results/{run}/models/joint.safetensors",
        about="results/{run}/models/joint.json",
    log:
        "results/{run}/logs/train_joint.log",
    benchmark:
        "results/{run}/benchmarks/train_joint.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("train_joint"),
        shape={key: config["joint"][key] for key in ("channels", "features")},
        training=config["joint"]["training"],
        ranges=parameter_ranges(),
        seed=config["seed"],
    script:
        "../scripts/train_joint.py"


rule predict_joint:
    input:
        dataset="results/{run}/dataset.nc",
        model="results/{run}/models/joint.safetensors",
    output:
        predictions="results/{run}/predictions/joint.nc",
    log:
        "results/{run}/logs/predict_joint.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_joint"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_joint.py"


rule compare_networks:
    input:
        paper="results/{run}/predictions/parameters.nc",
        joint="results/{run}/predictions/joint.nc",
    output:
        table=report(
            "results/{run}/tables/networks.csv",
            "../report/networks.rst",
            category="Tables",
            labels={"table": "networks", "shows": "the joint network and the paper's"},
        ),
    log:
        "results/{run}/logs/compare_networks.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("compare_networks"),
    script:
        "../scripts/compare_networks.py"
