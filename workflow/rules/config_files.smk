"""The config files, before Snakemake reads them: one sentence for what is wrong; defines no rule.

Files of --configfile are an exception: Snakemake reads them before any Snakefile and has words of
its own for what is no YAML. What it takes although it is wrong, such as a key that occurs twice, is
refused here.
"""

import os
import sys
from pathlib import Path

# This checkout's package comes before any that is installed, here and in all jobs.
PACKAGES = str(Path(workflow.basedir, "workflow"))
sys.path.insert(0, PACKAGES)
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [PACKAGES, os.environ.get("PYTHONPATH")]))
)

from moirespin.pipeline.config_files import read_config

if workflow.is_main_process:
    if set(os.getcwd()) & set("{}\\"):
        sys.exit(
            f"the folder {os.getcwd()} has a brace or a backslash in its path, which mean something"
            " else to Snakemake: rename or move it"
        )
    try:
        for path in [Path("config.yaml"), *workflow.configfiles]:
            read_config(path)
    except ValueError as error:
        sys.exit(f"config: {error}")
