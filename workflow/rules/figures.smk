"""
Draw the figures of moirespin.figures.registry, one rule each, named as the figure.

Reads:  config.yaml and the files that an entry of the registry names
Writes: <run>/figures/<figure>.png, .pdf, and the plotted numbers as .csv
"""

for figure in FIGURES:

    rule:
        name:
            figure.name
        input:
            **files_of_run(figure.inputs),
        output:
            png=report(
                f"<run>/figures/{figure.name}.png",
                caption=f"../report/{figure.name}.rst",
                category="Figures",
                labels={"figure": figure.name, "shows": figure.shows},
            ),
            pdf=f"<run>/figures/{figure.name}.pdf",
            csv=f"<run>/figures/{figure.name}.csv",
            about=f"<run>/figures/{figure.name}.csv-metadata.json",
        log:
            f"<run>/logs/{figure.name}.log",
        localrule: True
        conda:
            "../../envs/jax.yaml"
        params:
            code=fingerprint(f"figures/{figure.module}"),
            settings=look_up(figure.settings),
        script:
            "../scripts/draw_figure.py"
