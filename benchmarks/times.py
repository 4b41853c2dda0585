"""Print how long the jobs of a finished run took and how much memory they needed.

python benchmarks/times.py results/paper

Read from the files that Snakemake writes for each job of a rule with a `benchmark`; a job that was
killed and went on counts from its last start only.
"""

import argparse
from pathlib import Path

import pandas as pd


def summarise(folder: Path) -> pd.DataFrame:
    """Return jobs, seconds (sum, longest) and largest memory (MB) of each rule of a run."""
    rows = []
    for path in sorted(folder.rglob("*.tsv")):
        job = pd.read_csv(path, sep="\t").iloc[-1]
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        if rule == "train_regressor":
            rule = f"{rule} {path.stem}"
        rows.append({"rule": rule, "seconds": job["s"], "max_rss_mb": job["max_rss"]})
    return (
        pd.DataFrame(rows)
        .groupby("rule", sort=False)
        .agg(
            jobs=("seconds", "size"),
            seconds=("seconds", "sum"),
            longest_seconds=("seconds", "max"),
            max_rss_mb=("max_rss_mb", "max"),
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", help="folder of a run, such as results/paper")
    print(summarise(Path(parser.parse_args().run) / "benchmarks").round().astype(int).to_csv())
