"""
Examine ground states: the examples of figure 2, winners put to the test, information in images.

Reads:  config.yaml (seed, lattice, interlayer, ground_state, relax, phases, images, challenge,
        fisher, transition, mixed_layers, figures.fig02)
        the table of interlayer.stacking_map, if that model is used; <run>/shards, dataset.nc
Writes: <run>/examples.nc, exchange_map.nc, fisher.nc, scores/information.nc, challenge/m08.nc ..., challenge.nc
        on request: tables/transition_order.csv, mixed_layers.csv
"""


rule relax_examples:
    input:
        table=interlayer_table,
    output:
        examples="<run>/examples.nc",
        exchange="<run>/exchange_map.nc",
    log:
        "<run>/logs/relax_examples.log",
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=LANES,
    params:
        code=fingerprint("relax_examples"),
        examples=example_states(),
        model=blocks("seed", "lattice", "interlayer", "ground_state", "relax"),
    script:
        "../scripts/relax_examples.py"


rule challenge_winners:
    input:
        table=interlayer_table,
        shards=challenged_shards,
    output:
        trials="<run>/challenge/m{twist}.nc",
    log:
        "<run>/logs/challenge_winners/m{twist}.log",
    benchmark:
        "<run>/benchmarks/challenge_winners/m{twist}.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=LANES,
    params:
        code=fingerprint("challenge_winners"),
        sets=challenged_of,
        sweep=box(),
        trials={key: config["challenge"][key] for key in ("tilt_rad", "random_starts")},
        model=blocks("seed", "lattice", "interlayer", "relax", "phases"),
    script:
        "../scripts/challenge_winners.py"


rule gather_challenges:
    input:
        trials=challenge_paths,
    output:
        trials="<run>/challenge.nc",
    log:
        "<run>/logs/gather_challenges.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("gather_challenges"),
        twist={"indices": challenged_angles()},
    script:
        "../scripts/gather_challenges.py"


rule fisher_information:
    input:
        table=interlayer_table,
        dataset="<run>/dataset.nc",
    output:
        fisher="<run>/fisher.nc",
        samples="<run>/scores/information.nc",
    log:
        "<run>/logs/fisher_information.log",
    benchmark:
        "<run>/benchmarks/fisher_information.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=LANES,
    params:
        code=fingerprint("fisher_information"),
        fisher=config["fisher"],
        ranges=parameter_ranges(),
        images={key: config["images"][key] for key in ("window_nm", "pixels")},
        model=blocks("seed", "lattice", "interlayer", "ground_state", "relax", "phases"),
    script:
        "../scripts/fisher_information.py"


rule transition_order:
    input:
        table=interlayer_table,
    output:
        table=report(
            "<run>/tables/transition_order.csv",
            "../report/transition_order.rst",
            category="Tables",
            labels={"table": "transition_order", "shows": "jump along the NCD-MD line"},
        ),
        about="<run>/tables/transition_order.csv-metadata.json",
    log:
        "<run>/logs/transition_order.log",
    benchmark:
        "<run>/benchmarks/transition_order.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=LANES,
    params:
        code=fingerprint("transition_order"),
        transition=config["transition"],
        sweep={key: config["sweep"][key] for key in ("exchange_mev", "anisotropy_mev")},
        rounds=config["phase_lines"]["rounds"],
        model=blocks("lattice", "interlayer", "relax", "phases"),
    script:
        "../scripts/transition_order.py"


rule mixed_layers:
    input:
        table=interlayer_table,
        shards=domain_shards,
    output:
        table=report(
            "<run>/tables/mixed_layers.csv",
            "../report/mixed_layers.rst",
            category="Tables",
            labels={
                "table": "mixed_layers",
                "shows": "domain states split between the layers",
            },
        ),
        about="<run>/tables/mixed_layers.csv-metadata.json",
    log:
        "<run>/logs/mixed_layers.log",
    benchmark:
        "<run>/benchmarks/mixed_layers.tsv"
    conda:
        "../../envs/jax.yaml"
    threads: 1
    resources:
        lanes=LANES,
    params:
        code=fingerprint("mixed_layers"),
        sets=domains_to_split(),
        sweep=box(),
        model=blocks("seed", "lattice", "interlayer", "relax", "phases"),
    script:
        "../scripts/mixed_layers.py"
