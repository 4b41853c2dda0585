"""
Beyond the paper: why the errors of J and D are tied.

Reads:  config.yaml (seed, lattice, exchange, ground_state, relax, phases, images, fisher)
        the table of interlayer.stacking_map, if that model is used
        <run>/scores/regression.nc, phase_lines.nc
Writes: <run>/fisher.nc, scores/error_alignment.nc
        <run>/figures/fig_beyond_fisher.png, .pdf, .csv
"""


rule fisher_information:
    input:
        table=interlayer_table,
    output:
        fisher="<run>/fisher.nc",
    log:
        "<run>/logs/fisher_information.log",
    benchmark:
        "<run>/benchmarks/fisher_information.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=32,
    params:
        code=fingerprint("fisher_information"),
        fisher=config["fisher"],
        sweep=box(),
        images={key: config["images"][key] for key in ("window_nm", "pixels")},
        model=blocks("seed", "lattice", "interlayer", "ground_state", "relax", "phases"),
    script:
        "../scripts/fisher_information.py"


rule align_errors:
    input:
        scores="<run>/scores/regression.nc",
        fisher="<run>/fisher.nc",
    output:
        alignment="<run>/scores/error_alignment.nc",
    log:
        "<run>/logs/align_errors.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("align_errors"),
        ranges=parameter_ranges(),
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/align_errors.py"
