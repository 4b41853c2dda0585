"""
Draw the figures that show what the calculation is: its two tasks, its physics, its networks.

Reads:  config.yaml (seed, lattice, exchange, ground_state, relax, phases, images, figures.fig02)
        the table of interlayer.stacking_map, if that model is used
        <run>/phase_lines.nc, dataset.nc, predictions/parameters.nc, predictions/images.nc
        <run>/models/*.safetensors, each with its .json
Writes: <run>/examples.nc, exchange_map.nc
        <run>/figures/fig01.png, fig02.png, fig12.png, fig13.png, each with .pdf and .csv
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
        lanes=32,
    params:
        code=fingerprint("relax_examples"),
        examples=config["figures"]["fig02"],
        model=blocks("seed", "lattice", "interlayer", "ground_state", "relax"),
    script:
        "../scripts/relax_examples.py"
