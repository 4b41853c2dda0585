"""
Draw the figures that show what the calculation is: its two tasks, its physics, its networks.

Reads:  config.yaml (seed, lattice, exchange, ground_state, relax, phases, images, figures.fig02)
        the table of interlayer.stacking_map, if that model is used
        <run>/phase_lines.nc, dataset.nc, predictions/parameters.nc, predictions/images.nc
        <run>/models/*.safetensors, each with its .json
Writes: <run>/examples.nc, exchange_map.nc
        <run>/figures/fig01.png, fig02.png, fig12.png, fig13.png, each with .pdf and .csv
"""

ILLUSTRATES = {
    "fig01": {"figure": "1", "shows": "the two tasks with a test sample"},
    "fig02": {"figure": "2", "shows": "superlattice, exchange and the three phases"},
    "fig12": {"figure": "12", "shows": "the regression network"},
    "fig13": {"figure": "13", "shows": "the generative network"},
}


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


rule plot_fig01:
    input:
        dataset="<run>/dataset.nc",
        parameters="<run>/predictions/parameters.nc",
        images="<run>/predictions/images.nc",
    output:
        png=report(
            "<run>/figures/fig01.png",
            "../report/fig01.rst",
            category="Figures",
            labels=ILLUSTRATES["fig01"],
        ),
        pdf="<run>/figures/fig01.pdf",
        csv="<run>/figures/fig01.csv",
    log:
        "<run>/logs/plot_fig01.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig01"),
    script:
        "../scripts/plot_fig01.py"


rule plot_fig02:
    input:
        examples="<run>/examples.nc",
        exchange="<run>/exchange_map.nc",
        lines="<run>/phase_lines.nc",
    output:
        png=report(
            "<run>/figures/fig02.png",
            "../report/fig02.rst",
            category="Figures",
            labels=ILLUSTRATES["fig02"],
        ),
        pdf="<run>/figures/fig02.pdf",
        csv="<run>/figures/fig02.csv",
    log:
        "<run>/logs/plot_fig02.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig02"),
        lattice=config["lattice"],
        images={key: config["images"][key] for key in ("window_nm", "pixels")},
        thresholds=config["phases"],
    script:
        "../scripts/plot_fig02.py"


rule plot_fig12:
    input:
        twist_angle="<run>/models/twist_angle.safetensors",
        exchange="<run>/models/exchange.safetensors",
        anisotropy="<run>/models/anisotropy.safetensors",
    output:
        png=report(
            "<run>/figures/fig12.png",
            "../report/fig12.rst",
            category="Figures",
            labels=ILLUSTRATES["fig12"],
        ),
        pdf="<run>/figures/fig12.pdf",
        csv="<run>/figures/fig12.csv",
    log:
        "<run>/logs/plot_fig12.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig12"),
    script:
        "../scripts/plot_fig12.py"


rule plot_fig13:
    input:
        model="<run>/models/generator.safetensors",
    output:
        png=report(
            "<run>/figures/fig13.png",
            "../report/fig13.rst",
            category="Figures",
            labels=ILLUSTRATES["fig13"],
        ),
        pdf="<run>/figures/fig13.pdf",
        csv="<run>/figures/fig13.csv",
    log:
        "<run>/logs/plot_fig13.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_fig13"),
    script:
        "../scripts/plot_fig13.py"
