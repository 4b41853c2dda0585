"""
Draw how the networks learnt.

Reads:  results/{run}/models/*.json
Writes: results/{run}/figures/learning_curves.png, .pdf, and the plotted numbers as .csv
"""


rule plot_learning_curves:
    input:
        twist_angle="results/{run}/models/twist_angle.json",
        exchange="results/{run}/models/exchange.json",
        anisotropy="results/{run}/models/anisotropy.json",
        generator="results/{run}/models/generator.json",
        joint="results/{run}/models/joint.json",
    output:
        png=report(
            "results/{run}/figures/learning_curves.png",
            caption="../report/learning_curves.rst",
            category="Figures",
            labels={"figure": "curves", "shows": "loss and learning rate during training"},
        ),
        pdf="results/{run}/figures/learning_curves.pdf",
        csv="results/{run}/figures/learning_curves.csv",
    log:
        "results/{run}/logs/plot_learning_curves.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_learning_curves"),
    script:
        "../scripts/plot_learning_curves.py"
