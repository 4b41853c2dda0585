"""Ground states of twisted bilayer magnets, and networks that read and draw their images."""

from snakemake.utils import min_version

min_version("9.19")


include: "workflow/rules/config_files.smk"


configfile: "config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/examine.smk"
include: "workflow/rules/learn.smk"
include: "workflow/rules/textures.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/measure.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/page.smk"


# Seconds each, as figures and most tables: on a cluster they run beside Snakemake, not as jobs.
localrules:
    gather_lines,
    gather_challenges,


rule all:
    default_target: True
    input:
        [f"<run>/{path}" for path in products.everything()],


# No other rule makes files of another run than the config's.
rule another_run:
    input:
        refuse_another_run,
    output:
        "results/{other}/{path}",


# Bare words that name no rule: a figure or a table, mistyped.
rule unknown_name:
    input:
        refuse_unknown_name,
    output:
        "{word}",
    wildcard_constraints:
        word=r"[A-Za-z]\w*",
