"""
Compute scores and tables as moirespin.analysis.registry says, one rule each; tables name theirs.

Reads:  config.yaml and the files that an entry of the registry names
Writes: <run>/scores/*.nc, <run>/tables/*.csv
"""


def in_report(table):
    """What the report says of a table."""
    return {
        "caption": f"../report/{table.name}.rst",
        "category": "Tables",
        "labels": {"table": table.name, "shows": table.shows},
    }


for analysis in ANALYSES:
    path = f"<run>/{analysis.file}"

    rule:
        name:
            analysis.name
        input:
            **files_of_run(analysis.inputs),
        output:
            report(path, **in_report(analysis)) if analysis.shows else path,
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
