"""
On request: the texture model that ships, trained on both branches and at small angles.

Reads:  config.yaml (seed, lattice, interlayer, sweep, relax, textures, texture_model)
        the table of interlayer.stacking_map, if that model is used
Writes: <run>/branches/m08.nc ..., <run>/texture_model/all.safetensors with its .json;
        with all sets of some angles left out of the training: without_13_22.safetensors
"""


rule relax_branches:
    input:
        table=interlayer_table,
    output:
        branches="<run>/branches/m{twist}.nc",
    log:
        "<run>/logs/relax_branches/m{twist}.log",
    benchmark:
        "<run>/benchmarks/relax_branches/m{twist}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=LANES,
    params:
        code=fingerprint("relax_branches"),
        angle=texture_angle,
        sweep=box(),
        model=blocks("seed", "lattice", "interlayer", "relax"),
    script:
        "../scripts/relax_branches.py"


rule train_texture_model:
    input:
        branches=branch_paths,
        table=interlayer_table,
    output:
        model="<run>/texture_model/{kept}.safetensors",
        about="<run>/texture_model/{kept}.json",
    log:
        "<run>/logs/train_texture_model/{kept}.log",
    benchmark:
        "<run>/benchmarks/train_texture_model/{kept}.tsv"
    wildcard_constraints:
        kept=r"all|without(_\d+)+",
    conda:
        "../../envs/jax.yaml"
    threads: 1
    params:
        code=fingerprint("train_texture_model"),
        left_out=angles_left_out,
        sweep=config["sweep"],
        block=config["texture_model"],
        settings=config["textures"],
        model=blocks("lattice", "interlayer"),
        seed=config["seed"],
    script:
        "../scripts/train_texture_model.py"


rule texture_model:
    input:
        "<run>/texture_model/all.safetensors",
