"""
Train one network for all parameters, and set it beside the paper's.

Reads:  config.yaml (seed, joint), <run>/dataset.nc, predictions/parameters.nc
Writes: <run>/models/joint.safetensors with its .json, predictions/joint.nc
        <run>/tables/networks.csv
"""


rule train_joint:
    input:
        dataset="<run>/dataset.nc",
    output:
        model="<run>/models/joint.safetensors",
        about="<run>/models/joint.json",
    log:
        "<run>/logs/train_joint.log",
    benchmark:
        "<run>/benchmarks/train_joint.tsv"
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
        dataset="<run>/dataset.nc",
        model="<run>/models/joint.safetensors",
    output:
        predictions="<run>/predictions/joint.nc",
    log:
        "<run>/logs/predict_joint.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("predict_joint"),
        ranges=parameter_ranges(),
    script:
        "../scripts/predict_joint.py"


rule compare_networks:
    input:
        paper="<run>/predictions/parameters.nc",
        joint="<run>/predictions/joint.nc",
    output:
        table=report(
            "<run>/tables/networks.csv",
            "../report/networks.rst",
            category="Tables",
            labels={"table": "networks", "shows": "the joint network and the paper's"},
        ),
    log:
        "<run>/logs/compare_networks.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("compare_networks"),
    script:
        "../scripts/compare_networks.py"
