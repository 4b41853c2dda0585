"""
Draw how the networks learnt.

Reads:  <run>/models/*.json
Writes: <run>/figures/learning_curves.png, .pdf, and the plotted numbers as .csv
"""


rule plot_learning_curves:
    input:
        twist_angle="<run>/models/twist_angle.json",
        exchange="<run>/models/exchange.json",
        anisotropy="<run>/models/anisotropy.json",
        generator="<run>/models/generator.json",
        joint="<run>/models/joint.json",
    output:
        png=report(
            "<run>/figures/learning_curves.png",
            caption="../report/learning_curves.rst",
            category="Figures",
            labels={"figure": "curves", "shows": "loss and learning rate during training"},
        ),
        pdf="<run>/figures/learning_curves.pdf",
        csv="<run>/figures/learning_curves.csv",
    log:
        "<run>/logs/plot_learning_curves.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_learning_curves"),
    script:
        "../scripts/plot_learning_curves.py"
