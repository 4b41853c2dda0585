"""Ground states of twisted bilayer magnets, and networks that read and draw their images."""

from snakemake.utils import min_version

min_version("9.19")


configfile: "config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/challenge.smk"
include: "workflow/rules/learn.smk"
include: "workflow/rules/curves.smk"
include: "workflow/rules/joint.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/worst.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/illustrate.smk"
include: "workflow/rules/beyond.smk"
include: "workflow/rules/samples.smk"


rule all:
    default_target: True
    input:
        figures(),
        tables(),
