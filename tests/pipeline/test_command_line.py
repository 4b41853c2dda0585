"""Snakemake's command line: typed values, and the command that goes on with a run."""

import shlex
from pathlib import Path

from moirespin.pipeline.command_line import nested_values, same_run


def test_values_in_blocks_are_numbers_again():
    given = {"analysis": {"bins": "8"}, "list": ["1.5", "x"], "run": "2024"}
    assert nested_values(given) == {"analysis": {"bins": 8}, "list": [1.5, "x"]}


def test_command_repeats_files_and_values(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert same_run([], None) == "snakemake"
    said = same_run([Path(tmp_path / "my config.yaml")], ["run=a b"])
    assert shlex.split(said) == [
        *("snakemake", "--configfile", "my config.yaml", "--config", "run=a b")
    ]
