"""
Put ground states to the test: tilted out of their plane, and against random starts.

Reads:  config.yaml (seed, lattice, exchange, ground_state, relax, phases, challenge), <run>/shards
Writes: <run>/challenge/m08.nc ..., challenge.nc, tables/challenge.csv
        on request: <run>/figures/fig_beyond_starts.png, .pdf, .csv
"""


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
        lanes=32,
    params:
        code=fingerprint("challenge_winners"),
        sets={"count": config["challenge"]["sets_per_angle"]},
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
    script:
        "../scripts/gather_challenges.py"


rule tabulate_challenge:
    input:
        trials="<run>/challenge.nc",
    output:
        table=report(
            "<run>/tables/challenge.csv",
            "../report/challenge.rst",
            category="Tables",
            labels={"table": "challenge", "shows": "ground states put to the test"},
        ),
    log:
        "<run>/logs/tabulate_challenge.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("tabulate_challenge"),
        degeneracy={"mev": config["ground_state"]["degeneracy_mev"]},
    script:
        "../scripts/tabulate_challenge.py"
