"""
Train the paper's networks on parts of the training set; on request only.

Reads:  config.yaml (seed, regressor, sample_curve, analysis), <run>/dataset.nc
        <run>/models/twist_angle.safetensors, exchange, anisotropy
Writes: <run>/sample_curve/{parameter}_{part}.safetensors, each with its .json
        <run>/tables/sample_curve.csv
        <run>/figures/fig_beyond_samples.png, .pdf, and the plotted numbers as .csv
"""


rule train_part:
    input:
        dataset="<run>/dataset.nc",
    output:
        model="<run>/sample_curve/{parameter}_{part}.safetensors",
        about="<run>/sample_curve/{parameter}_{part}.json",
    log:
        "<run>/logs/train_part/{parameter}_{part}.log",
    benchmark:
        "<run>/benchmarks/train_part/{parameter}_{part}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("train_part"),
        target=target_of,
        part=part_of,
        widths=config["regressor"]["widths"],
        training=config["regressor"]["training"],
        ranges=parameter_ranges(),
        seed=config["seed"],
    script:
        "../scripts/train_part.py"


rule score_parts:
    input:
        unpack(curve_models),
        dataset="<run>/dataset.nc",
    output:
        table=report(
            "<run>/tables/sample_curve.csv",
            "../report/sample_curve.rst",
            category="Tables",
            labels={"table": "samples", "shows": "errors against the number of training samples"},
        ),
    log:
        "<run>/logs/score_parts.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("score_parts"),
        parameters=config["sample_curve"]["parameters"],
        ranges=parameter_ranges(),
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/score_parts.py"
