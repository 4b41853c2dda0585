"""
Score the networks on the test set, and set this run beside the paper.

Reads:  <run>/phase_diagram.nc, phase_lines.nc, dataset.nc
        <run>/predictions/parameters.nc, joint.nc, images.nc
        <run>/scores/snr.nc
Writes: <run>/scores/regression.nc, error_pca.nc, regression_profiles.nc
        <run>/scores/generator.nc, generator_profiles.nc
        <run>/tables/phases.csv, line_agreement.csv, regression.csv, paper_comparison.csv,
        trends.csv
"""


rule score_regression:
    input:
        predictions="<run>/predictions/parameters.nc",
        lines="<run>/phase_lines.nc",
    output:
        scores="<run>/scores/regression.nc",
    log:
        "<run>/logs/score_regression.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("score_regression"),
        ranges=parameter_ranges(),
    script:
        "../scripts/score_regression.py"


rule error_pca:
    input:
        scores="<run>/scores/regression.nc",
    output:
        pca="<run>/scores/error_pca.nc",
    log:
        "<run>/logs/error_pca.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("error_pca"),
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/error_pca.py"


rule profile_regression:
    input:
        scores="<run>/scores/regression.nc",
        dataset="<run>/dataset.nc",
    output:
        profiles="<run>/scores/regression_profiles.nc",
    log:
        "<run>/logs/profile_regression.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("profile_regression"),
        bins=config["analysis"]["bins"],
        ranges=parameter_ranges(),
    script:
        "../scripts/profile_regression.py"


rule score_generator:
    input:
        predictions="<run>/predictions/images.nc",
        lines="<run>/phase_lines.nc",
    output:
        scores="<run>/scores/generator.nc",
    log:
        "<run>/logs/score_generator.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("score_generator"),
        ranges=parameter_ranges(),
    script:
        "../scripts/score_generator.py"


rule profile_generator:
    input:
        scores="<run>/scores/generator.nc",
        dataset="<run>/dataset.nc",
    output:
        profiles="<run>/scores/generator_profiles.nc",
    log:
        "<run>/logs/profile_generator.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("profile_generator"),
        bins=config["analysis"]["bins"],
        ranges=parameter_ranges(),
    script:
        "../scripts/profile_generator.py"


rule tabulate_phases:
    input:
        phase_diagram="<run>/phase_diagram.nc",
    output:
        table=report(
            "<run>/tables/phases.csv",
            "../report/phases.rst",
            category="Tables",
            labels={"table": "phases", "shows": "sets of each phase at each twist angle"},
        ),
    log:
        "<run>/logs/tabulate_phases.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("tabulate_phases"),
    script:
        "../scripts/tabulate_phases.py"


rule tabulate_agreement:
    input:
        phase_diagram="<run>/phase_diagram.nc",
        lines="<run>/phase_lines.nc",
    output:
        table=report(
            "<run>/tables/line_agreement.csv",
            "../report/line_agreement.rst",
            category="Tables",
            labels={"table": "agreement", "shows": "sampled phases against the phase lines"},
        ),
    log:
        "<run>/logs/tabulate_agreement.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("tabulate_agreement"),
        ranges=parameter_ranges(),
    script:
        "../scripts/tabulate_agreement.py"


rule compare_with_paper:
    input:
        phase_diagram="<run>/phase_diagram.nc",
        dataset="<run>/dataset.nc",
        regression="<run>/scores/regression.nc",
        pca="<run>/scores/error_pca.nc",
        snr="<run>/scores/snr.nc",
        generator="<run>/scores/generator.nc",
        joint="<run>/predictions/joint.nc",
    output:
        comparison=report(
            "<run>/tables/paper_comparison.csv",
            caption="../report/paper_comparison.rst",
            category="Tables",
            labels={"table": "comparison", "shows": "the paper's numbers and ours"},
        ),
        regression=report(
            "<run>/tables/regression.csv",
            "../report/regression.rst",
            category="Tables",
            labels={"table": "regression", "shows": "errors of the estimated parameters"},
        ),
    log:
        "<run>/logs/compare_with_paper.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("compare_with_paper"),
        window=config["analysis"]["cri3_window"],
        bootstrap_samples=config["analysis"]["bootstrap_samples"],
        seed=config["seed"],
    script:
        "../scripts/compare_with_paper.py"


rule tabulate_trends:
    input:
        regression="<run>/scores/regression.nc",
        generator="<run>/scores/generator.nc",
    output:
        table=report(
            "<run>/tables/trends.csv",
            caption="../report/trends.rst",
            category="Tables",
            labels={
                "table": "trends",
                "shows": "where errors rise and fall, and the paper's words",
            },
        ),
    log:
        "<run>/logs/tabulate_trends.log",
    conda:
        "../../envs/jax.yaml"
    params:
        code=fingerprint("tabulate_trends"),
    script:
        "../scripts/tabulate_trends.py"
