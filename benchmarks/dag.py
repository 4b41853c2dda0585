"""Time what Snakemake needs to plan a run: dry runs of sweeps of different size.

    python benchmarks/dag.py [--repeats 3]

Prints a table in Markdown: jobs of the plan, median wall time, and median processor time (user and
system), which a busy machine changes less. The first row is Snakemake's own start, which every
plan contains. Each dry run plans a run that does not exist, so every job is planned.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PAPER = "workflow/presets/paper.yaml"
SNAKEMAKE = (sys.executable, "-m", "snakemake")


def plans() -> dict[str, tuple[tuple[str, ...], dict]]:
    """Return the config files and the changes of each plan."""
    sweep = yaml.safe_load((ROOT / PAPER).read_text(encoding="utf-8"))["sweep"]
    tenfold = {"sets_per_angle": 10 * sweep["sets_per_angle"]}
    return {
        "default": ((), {}),
        "paper": ((PAPER,), {}),
        "paper, 10 times the sets": ((PAPER,), {"sweep": tenfold}),
        "the same in shards of 80": ((PAPER,), {"sweep": tenfold | {"sets_per_shard": 80}}),
    }


def timed(*command: str) -> tuple[float, float, str]:
    """Return wall and processor seconds of a command that must succeed, and what it printed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    paths = os.pathsep.join([str(ROOT / "workflow"), os.environ.get("PYTHONPATH", "")])
    answer = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if answer.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{answer.stdout}")
    busy = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall, busy, answer.stdout


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    print("| plan | jobs | wall, s | processor, s |\n|---|---|---|---|")

    def row(name: str, jobs: int | str, command: tuple[str, ...]) -> None:
        times = [timed(*command)[:2] for _ in range(repeats)]
        wall, busy = map(statistics.median, zip(*times, strict=True))
        print(f"| {name} | {jobs} | {wall:.1f} | {busy:.1f} |", flush=True)

    row("none: `snakemake --version`", "", (*SNAKEMAKE, "--version"))
    with tempfile.TemporaryDirectory() as folder:
        changes_file = Path(folder) / "changes.yaml"
        for name, (files, changes) in plans().items():
            changes_file.write_text(
                yaml.safe_dump(changes | {"run": "planned-by-benchmark"}), encoding="utf-8"
            )
            command = (*SNAKEMAKE, "--dry-run", "--nolock", "--cores", "2", "--configfile")
            command += ("config.yaml", *files, str(changes_file))
            total = re.search(r"^total +(\d+)$", timed(*command)[2], re.MULTILINE)
            row(name, int(total[1]), (*command, "--quiet"))


if __name__ == "__main__":
    main()
