"""For the Makefile: check config files and print the name of their run, or one sentence.

Usage: python -m moirespin.pipeline.run_name NAME CONFIG...

NAME takes the place of the name in the files, if it is not empty. As in Snakemake, the project's
config.yaml lies below all others.
"""

import sys
from pathlib import Path

from moirespin.pipeline import config_check, config_files

ROOT = Path(__file__).parents[3]


def read_run_name(name: str, paths: list[str]) -> str:
    """Return the name of the run of config files.

    Raises:
        ValueError: one sentence for the first thing that is wrong with the files or the name.
    """
    config = config_files.read_configs(["config.yaml", *paths])
    config |= {"run": name} if name else {}
    schema = config_check.load_schema(ROOT / "workflow" / "schemas" / "config.schema.yaml")
    config_check.check_config(config, schema)
    return config["run"]


if __name__ == "__main__":
    try:
        print(read_run_name(sys.argv[1], sys.argv[2:]))
    except ValueError as error:
        sys.exit(str(error))
