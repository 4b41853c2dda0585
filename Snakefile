"""Ground states of twisted bilayer magnets, and networks that read and draw their images."""

from snakemake.utils import min_version

min_version("9.19")


configfile: "config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/challenge.smk"
include: "workflow/rules/learn.smk"
include: "workflow/rules/joint.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/worst.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/illustrate.smk"
include: "workflow/rules/beyond.smk"
include: "workflow/rules/samples.smk"


# Seconds each: on a cluster they run beside Snakemake instead of as jobs.
localrules:
    gather_lines,
    gather_challenges,
    tabulate_phases,
    tabulate_agreement,
    tabulate_challenge,
    tabulate_trends,
    compare_with_paper,
    compare_networks,


rule all:
    default_target: True
    input:
        [f"<run>/{path}" for path in products.figures()],
        [f"<run>/{path}" for path in products.tables()],


# No other rule makes files of another run than the config's.
rule another_run:
    input:
        refuse_another_run,
    output:
        "results/{other}/{path}",
