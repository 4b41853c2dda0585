"""
Relax every parameter set, trace the phase lines, and gather both.

Reads:  config.yaml (seed, lattice, interlayer, sweep, ground_state, relax, phases, phase_lines)
        the table of interlayer.stacking_map, if that model is used
Writes: <run>/shards/m08/000.nc ..., phase_lines/m08.nc ...
        <run>/phase_diagram.nc, phase_lines.nc, dataset.nc
"""


rule relax_shard:
    input:
        table=interlayer_table,
    output:
        shard="<run>/shards/m{twist}/{chunk}.nc",
    log:
        "<run>/logs/relax_shard/m{twist}/{chunk}.log",
    benchmark:
        "<run>/benchmarks/relax_shard/m{twist}/{chunk}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=LANES,
    params:
        code=fingerprint("relax_shard"),
        shard=shard_slice,
        sweep=box(),
        model=blocks("seed", "lattice", "interlayer", "ground_state", "relax"),
    script:
        "../scripts/relax_shard.py"


rule trace_lines:
    input:
        table=interlayer_table,
    output:
        lines="<run>/phase_lines/m{twist}.nc",
    log:
        "<run>/logs/trace_lines/m{twist}.log",
    benchmark:
        "<run>/benchmarks/trace_lines/m{twist}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=LANES,
    params:
        code=fingerprint("trace_lines"),
        twist=twist_of,
        sweep=box(),
        points=config["phase_lines"],
        model=blocks("lattice", "interlayer", "relax", "phases"),
    script:
        "../scripts/trace_lines.py"


rule gather_shards:
    input:
        shards=shard_paths,
    output:
        phase_diagram="<run>/phase_diagram.nc",
    log:
        "<run>/logs/gather_shards.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("gather_shards"),
        thresholds=config["phases"],
        sweep=config["sweep"],
        seed=config["seed"],
    script:
        "../scripts/gather_shards.py"


rule gather_lines:
    input:
        lines=line_paths,
    output:
        lines="<run>/phase_lines.nc",
    log:
        "<run>/logs/gather_lines.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("gather_lines"),
        twist={"indices": config["sweep"]["twist_indices"]},
        sweep=box(),
    script:
        "../scripts/gather_lines.py"


rule build_dataset:
    input:
        shards=shard_paths,
    output:
        dataset="<run>/dataset.nc",
    log:
        "<run>/logs/build_dataset.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("build_dataset"),
        thresholds=config["phases"],
        sweep=config["sweep"],
        lattice=config["lattice"],
        images={key: config["images"][key] for key in ("window_nm", "pixels")},
        split=config["split"],
        seed=config["seed"],
    script:
        "../scripts/build_dataset.py"


rule fit_scale:
    input:
        table=interlayer_table,
    output:
        table="<run>/tables/exchange_scale.csv",
    log:
        "<run>/logs/fit_scale.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("fit_scale"),
        twist={"indices": config["sweep"]["twist_indices"]},
        sweep=box(),
        model=blocks("lattice", "interlayer"),
    script:
        "../scripts/fit_scale.py"
