"""
List and draw the test samples with the largest errors, and say what may be wrong with them.

Reads:  config.yaml (analysis), results/{run}/dataset.nc, phase_diagram.nc
        results/{run}/scores/regression.nc, generator.nc, predictions/joint.nc, images.nc
Writes: results/{run}/tables/worst_samples.csv, error_causes.csv
        results/{run}/figures/fig_worst.png, .pdf, .csv
"""


rule list_worst:
    input:
        dataset="results/{run}/dataset.nc",
        phase_diagram="results/{run}/phase_diagram.nc",
        regression="results/{run}/scores/regression.nc",
        joint="results/{run}/predictions/joint.nc",
        generator="results/{run}/scores/generator.nc",
    output:
        worst=report(
            "results/{run}/tables/worst_samples.csv",
            "../report/worst_samples.rst",
            category="Tables",
            labels={"table": "worst samples", "shows": "test samples with the largest errors"},
        ),
        causes=report(
            "results/{run}/tables/error_causes.csv",
            "../report/error_causes.rst",
            category="Tables",
            labels={
                "table": "causes",
                "shows": "what the samples with large errors have in common",
            },
        ),
    log:
        "results/{run}/logs/list_worst.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("list_worst"),
        ranges=parameter_ranges(),
        number=config["analysis"]["worst_samples"],
    script:
        "../scripts/list_worst.py"


rule plot_worst:
    input:
        worst="results/{run}/tables/worst_samples.csv",
        dataset="results/{run}/dataset.nc",
        images="results/{run}/predictions/images.nc",
    output:
        png=report(
            "results/{run}/figures/fig_worst.png",
            "../report/fig_worst.rst",
            category="Figures",
            labels={"figure": "worst", "shows": "test samples with the largest errors"},
        ),
        pdf="results/{run}/figures/fig_worst.pdf",
        csv="results/{run}/figures/fig_worst.csv",
    log:
        "results/{run}/logs/plot_worst.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("plot_worst"),
    script:
        "../scripts/plot_worst.py"
