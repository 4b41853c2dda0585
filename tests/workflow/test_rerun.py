"""A change reruns what depends on it and nothing else; a broken or killed run can be mended.

Dry runs over copies of the tiny run, and a few small real ones.
"""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from moirespin.figures.registry import FIGURES

pytestmark = pytest.mark.workflow

PROJECT = Path(__file__).parents[2]
DOC = (PROJECT / "docs/reruns.md").read_text(encoding="utf-8")
PACKAGE = Path("workflow/moirespin")
PAGE = "results_page"


def read_rows(heading):
    """Return the rows of a table of docs/reruns.md: {name: (where, what runs again)}."""
    section = DOC.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    return {name: (where, runs) for name, where, runs in rows if name != "edit"}


@pytest.fixture(scope="session")
def followers(finished, snakemake):
    """{rule: the rules that read its outputs}, of a whole run, as Snakemake draws it."""
    graph = snakemake(finished, "--rulegraph", "dot").stdout
    names = dict(re.findall(r'(\d+)\[label = "(\w+)"', graph))
    found = {name: set() for name in names.values()}
    for source, target in re.findall(r"(\d+) -> (\d+)", graph):
        found[names[source]].add(names[target])
    # One stands for the whole run and computes nothing, the other follows whatever runs.
    return {n: after - {"all", PAGE} for n, after in found.items() if n not in ("all", PAGE)}


@pytest.fixture(scope="session")
def meant(followers):
    """What a cell of docs/reruns.md says -> the rules that it means, the page among them."""

    def rules(cell):
        return named_rules(cell) | (set() if cell == "nothing" else {PAGE})

    def named_rules(cell):
        named = set(re.findall(r"`(\w+)`", cell))
        if cell.startswith("everything"):
            return followers.keys() - named
        if cell.startswith("all figures"):
            return named | {figure.name for figure in FIGURES if figure.by_default}
        assert named or cell == "nothing", cell
        waiting = set(named) if cell.endswith("and what follows") else set()
        while waiting:
            after = followers[waiting.pop()] - named
            named |= after
            waiting |= after
        return named

    return rules


# Changes of the config; docs/reruns.md says what they run again.
CHANGES = {
    "epochs of the regressors": {"regressor": {"training": {"max_epochs": 9}}},
    "loss of the regressors": {"regressor": {"loss": "absolute"}},
    "width of the generator": {"generator": {"widths": {"second": 17}}},
    "width of the joint network": {"joint": {"features": 9}},
    "epochs of the texture model": {"textures": {"epochs": 3}},
    "examples of figure 2": {"figures": {"fig02": {"twist_index": 16}}},
    "tilt of tested ground states": {"challenge": {"tilt_rad": 0.2}},
    "slices of figure 11": {"figures": {"fig11": {"twist_indices": [10]}}},
    "panels of figure 7": {"figures": {"fig07": {"snr_db": [10.0]}}},
    "seed of the trainings": {"trainings": {"seed": 5}},
    "noise in the study of inputs": {"inputs": {"snr_db": [0.0, 30.0]}},
    "points of the transition's order": {"transition": {"anisotropy_points": 3}},
    "bits of degraded images": {"robust": {"degradation": {"bits": 6}}},
    "fractions of the sample curve": {"sample_curve": {"fractions": [0.3]}},
    "noise of the Fisher information": {"fisher": {"snr_db": 30.0}},
    "levels of noise": {"noise": {"levels_db": [30.0, 0.0]}},
    "pixels of the probe limits": {"probe_limits": {"pixel_nm": 2.0}},
    "sets of the calibration": {"calibration": {"sets_per_angle": 8}},
    "bins": {"analysis": {"bins": 5}},
    "threshold of the domain state": {"phases": {"domain": 0.06}},
    "size of images": {"images": {"pixels": 26}},
    "split": {"split": {"test_fraction": 0.3}},
    "crop of the generator": {"images": {"generator_pixels": 20}},
    "points of the phase lines": {"phase_lines": {"exchange_points": 5}},
    "starts": {"ground_state": {"random_starts": 2}},
    "interlayer coupling": {"interlayer": {"c3z": {"sine_mev": -0.51}}},
    "interlayer model that is not used": {"interlayer": {"stacking_map": {"shells": 5}}},
    "moment of an atom": {"magnet": {"spin": 2.0}},
    "name of the run": {"run": "another"},
}
CONFIG_ROWS = read_rows("Edits of the config")


def dotted_key(changes):
    """Return the dotted key that a change of the config sets."""
    if not isinstance(changes, dict):
        return ""
    ((name, inner),) = changes.items()
    return f"{name}.{dotted_key(inner)}".rstrip(".")


@pytest.mark.parametrize("name", CONFIG_ROWS)
def test_change_of_the_config_runs_what_the_document_says(name, finished, planned, meant):
    key, runs = CONFIG_ROWS[name]
    assert key == f"`{dotted_key(CHANGES[name])}`"
    assert set(planned(finished, changes=CHANGES[name])) == meant(runs)


def test_no_change_is_missing_from_the_document():
    assert CONFIG_ROWS.keys() == CHANGES.keys()
    assert CODE_ROWS.keys() == EDITS.keys()
    assert set(re.findall(r"`(test_\w+)`", DOC)) <= globals().keys()


def test_touching_every_file_runs_nothing(rerun, planned):
    for part in ("workflow", "envs", "profiles", "resources", "tests"):
        for path in (rerun / part).rglob("*"):
            path.touch()
    (rerun / "Snakefile").touch()
    (rerun / "config.yaml").touch()
    assert planned(rerun) == {}


def test_more_sets_run_only_the_new_shards(finished, planned, meant):
    jobs = planned(finished, changes={"sweep": {"sets_per_angle": 48}})
    # Tested are the first sets of an angle.
    gathered = meant("`gather_shards`, `build_dataset` and what follows")
    assert set(jobs) == {"relax_shard"} | gathered
    assert sorted(jobs["relax_shard"]) == [f"results/test/shards/m{m}/002.nc" for m in (10, 16, 22)]


@pytest.mark.parametrize("index", [12, 23], ids=["within the range", "beyond it"])
def test_another_angle_runs_only_its_own_jobs(index, finished, planned, meant):
    angles = sorted([10, 16, 22, index])
    jobs = planned(finished, changes={"sweep": {"twist_indices": angles}})
    tested = meant("`challenge_winners` and what follows")
    others = meant("everything but `relax_examples`, `gather_measurements`")
    assert set(jobs) == others - tested | {PAGE}
    assert sorted(jobs["relax_shard"]) == [
        f"results/test/shards/m{index}/{chunk:03d}.nc" for chunk in range(2)
    ]
    assert jobs["trace_lines"] == [f"results/test/phase_lines/m{index}.nc"]


# Lines added to files of the package; docs/reruns.md says what they run again.
CODE = "\nUNUSED = 1\n"
EDITS = {
    "relaxation": CODE,
    "training": CODE,
    "training of the texture model": CODE,
    "noise": CODE,
    "one figure": CODE,
    "look of all figures": "\nlines.linewidth: 3\n",
    "list of figures": CODE,
    "list of tables": CODE,
    "check of the config": CODE,
    "claims of GPUs": CODE,
    "checksums": CODE,
    "a log line": '\nlogger.info("one more line")\n',
    "look of the explorer": "\nbody { color: black; }\n",
    "a caption": "\nOne more sentence.\n",
}
CODE_ROWS = read_rows("Edits of the code")


@pytest.mark.parametrize("name", CODE_ROWS)
def test_edit_of_the_code_runs_what_the_document_says(name, rerun, planned, meant):
    path, runs = CODE_ROWS[name]
    with (rerun / PACKAGE / path.strip("`")).open("a") as file:
        file.write(EDITS[name])
    assert set(planned(rerun)) == meant(runs)


def test_text_of_an_error_and_a_moved_module_run_nothing(rerun, planned):
    lattice, batch = rerun / PACKAGE / "physics/lattice.py", rerun / PACKAGE / "solver/batch.py"
    text = lattice.read_text()
    assert "must exceed" in text
    lattice.write_text(text.replace("must exceed", "has to exceed"))
    batch.rename(batch.with_name("lanes.py"))
    for path in [*(rerun / "workflow").rglob("*.py")]:
        path.write_text(path.read_text().replace("solver.batch", "solver.lanes"))
    assert planned(rerun) == {}


def test_edit_of_docstring_and_comment_runs_nothing(rerun, planned):
    path = rerun / PACKAGE / "solver/relaxation.py"
    head, quotes, rest = path.read_text().partition('"""')
    path.write_text(f"{head}{quotes}More about it. {rest}\n# A comment.\n")
    assert planned(rerun) == {}


def test_missing_figures_and_tables_are_made_again(rerun, planned):
    names = ("figures/fig04.png", "figures/fig05.pdf", "figures/fig06.csv")
    for name in (*names, "tables/paper_comparison.csv-metadata.json"):
        (rerun / "results/test" / name).unlink()
    assert set(planned(rerun)) == {"fig04", "fig05", "fig06", "paper_comparison", PAGE}


# Files that are deleted together: none is made again because of another one.
DELETED = [
    {
        "phase_diagram.nc": "gather_shards",
        "models/joint.safetensors": "train_joint",
        "scores/generator.nc": "score_generator",
    },
    {"dataset.nc": "build_dataset", "phase_lines.nc": "gather_lines"},
]


@pytest.mark.parametrize("rule_of", DELETED, ids=" ".join)
def test_deleted_files_are_restored(rule_of, rerun, planned, meant):
    rules = set(rule_of.values())
    for name, rule in rule_of.items():
        assert meant(f"`{rule}` and what follows") & rules == {rule}
        (rerun / "results/test" / name).unlink()
    assert rules <= planned(rerun).keys()


def test_new_size_of_shards_is_announced(finished, snakemake):
    announced = "sweep.sets_per_shard is 8 and was 16 when results/test was computed"
    for size, said in ((8, True), (16, False)):
        changes = {"sweep": {"sets_per_shard": size}}
        answer = snakemake(finished, "--dry-run", changes=changes)
        assert answer.returncode == 0, answer.stdout
        assert (announced in answer.stdout) == said


def test_broken_shard_ends_in_one_sentence(rerun, snakemake):
    shard, target = "results/test/shards/m16/001.nc", "results/test/dataset.nc"
    whole = (rerun / shard).read_bytes()
    (rerun / shard).write_bytes(whole[: len(whole) // 2])
    (rerun / target).unlink()
    answer = snakemake(rerun, target)
    assert answer.returncode == 1
    (line,) = [line for line in answer.stdout.splitlines() if "error: " in line]
    sentence = line.partition("error: ")[2]
    assert sentence.startswith(f"{shard} is unreadable")
    same_run = "snakemake --configfile config.yaml tests/config.yaml"
    assert sentence.endswith(f"repair it with: rm -f {shard} && {same_run}")
    assert "Traceback" not in answer.stdout
    assert "Traceback" in (rerun / "results/test/logs/build_dataset.log").read_text()
    assert list((rerun / "results/test").glob("*dataset.nc*")) == []


def test_killed_shard_runs_again_to_the_same_bytes(finished, fresh, snakemake, start_snakemake):
    shard = "results/test/shards/m10/000.nc"
    log = fresh / "results/test/logs/relax_shard/m10/000.log"
    process = start_snakemake(fresh, shard)
    try:
        for _ in range(600):
            if log.exists() or process.poll() is not None:
                break
            time.sleep(0.1)
        # The script has begun; its imports alone take longer than this.
        time.sleep(0.3)
        assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (fresh / shard).exists()
    assert list((fresh / ".snakemake/incomplete").iterdir())
    locked = snakemake(fresh, shard)
    assert locked.returncode == 1
    assert "--unlock" in locked.stdout
    assert snakemake(fresh, "--unlock").returncode == 0
    answer = snakemake(fresh, shard)
    assert answer.returncode == 0, answer.stdout
    assert (fresh / shard).read_bytes() == (finished / shard).read_bytes()


def test_interlayer_table_is_an_input_and_checked_before_any_job(fresh, snakemake):
    shard, table = "results/test/shards/m04/000.nc", "table.csv"
    changes = {
        "interlayer": {"model": "stacking_map", "stacking_map": {"table": table}},
        "sweep": {"twist_indices": [4]},
    }
    source = (fresh / "resources/exchange/sivadas2018_rigid.csv").read_text()
    (fresh / table).write_text(source)
    answer = snakemake(fresh, shard, "--dry-run", changes=changes)
    assert answer.returncode == 0, answer.stdout
    assert f"    input: {table}\n" in answer.stdout
    (fresh / table).write_text(source.replace("delta_e_mev", "energy_mev"))
    answer = snakemake(fresh, shard, changes=changes)
    assert answer.returncode == 1
    line = answer.stdout.splitlines()[-1]
    assert "Error" not in answer.stdout
    assert line.startswith(f"exchange table {table} has columns")
    assert "it must have ['shift_a1', 'shift_a2', 'delta_e_mev']" in line
    assert not (fresh / "results/test").exists()
