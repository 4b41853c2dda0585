"""
Compute scores and tables as moirespin.analysis.registry says, one rule each; tables name theirs.

Reads:  config.yaml and the files that an entry of the registry names
Writes: <run>/scores/*.nc, <run>/tables/*.csv
"""


def written(analysis):
    """The files of an entry: scores, or a table in the report with the record of its making."""
    path = f"<run>/{analysis.file}"
    if not analysis.shows:
        return [path]
    labels = {"table": analysis.name, "shows": analysis.shows}
    caption = f"../report/{analysis.name}.rst"
    return [report(path, caption, category="Tables", labels=labels), f"{path}-metadata.json"]


for analysis in ANALYSES:

    rule:
        name:
            analysis.name
        input:
            **files_of_run(analysis.inputs),
        output:
            *written(analysis),
        log:
            f"<run>/logs/{analysis.name}.log",
        localrule: analysis.takes_seconds
        conda:
            "../../envs/jax.yaml"
        params:
            code=fingerprint(f"analysis/{analysis.module}"),
            settings=look_up(analysis.settings),
        script:
            "../scripts/analyse.py"
