"""
List and draw the test samples with the largest errors, and say what may be wrong with them.

Reads:  config.yaml (analysis), <run>/dataset.nc, phase_diagram.nc
        <run>/scores/regression.nc, generator.nc, predictions/joint.nc, images.nc
Writes: <run>/tables/worst_samples.csv, error_causes.csv
        <run>/figures/fig_worst.png, .pdf, .csv
"""


rule list_worst:
    input:
        dataset="<run>/dataset.nc",
        phase_diagram="<run>/phase_diagram.nc",
        regression="<run>/scores/regression.nc",
        joint="<run>/predictions/joint.nc",
        generator="<run>/scores/generator.nc",
    output:
        worst=report(
            "<run>/tables/worst_samples.csv",
            "../report/worst_samples.rst",
            category="Tables",
            labels={"table": "worst samples", "shows": "test samples with the largest errors"},
        ),
        causes=report(
            "<run>/tables/error_causes.csv",
            "../report/error_causes.rst",
            category="Tables",
            labels={
                "table": "causes",
                "shows": "what the samples with large errors have in common",
            },
        ),
    log:
        "<run>/logs/list_worst.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("list_worst"),
        ranges=parameter_ranges(),
        number=config["analysis"]["worst_samples"],
    script:
        "../scripts/list_worst.py"
