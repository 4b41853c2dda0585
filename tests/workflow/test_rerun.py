"""A change reruns what depends on it and nothing else; a broken or killed run can be mended.

Dry runs over copies of the tiny run, and a few small real ones.
"""

import os
import signal
import time
from pathlib import Path

import pytest

from moirespin.figures.registry import FIGURES

pytestmark = pytest.mark.workflow

WORST = {"worst_samples", "error_causes", "fig_worst"}
FROM_REGRESSORS = {"predict_parameters", "sweep_snr", "score_regression", "error_pca"}
FROM_REGRESSORS |= {"profile_regression", "paper_comparison", "regression"}
FROM_REGRESSORS |= {f"fig{number:02d}" for number in (1, 3, 4, 5, 6, 7, 12)}
FROM_REGRESSORS |= {"learning_curves", "align_errors", "fig_beyond_fisher"}
FROM_REGRESSORS |= {"networks", "trends"} | WORST
FROM_GENERATOR = {"predict_images", "score_generator", "profile_generator", "paper_comparison"}
FROM_GENERATOR |= {f"fig{number:02d}" for number in (1, 8, 9, 10, 13)}
FROM_GENERATOR |= {"learning_curves", "trends"} | WORST
FROM_JOINT = {"predict_joint", "networks", "paper_comparison"} | WORST
FROM_JOINT |= {"learning_curves"}
FROM_DATASET = {"train_regressor", "train_generator"} | FROM_REGRESSORS | FROM_GENERATOR
FROM_DATASET |= {"train_joint"} | FROM_JOINT
CHALLENGE = {"challenge_winners", "gather_challenges", "challenge"}
FROM_SHARDS = {"gather_shards", "build_dataset", "phases", "fig11"} | FROM_DATASET
FROM_SHARDS |= {"line_agreement"} | CHALLENGE
FROM_LINES = {"gather_lines", "score_regression", "score_generator", "error_pca"}
FROM_LINES |= {"profile_regression", "profile_generator", "paper_comparison", "regression"}
FROM_LINES |= {f"fig{number:02d}" for number in (2, 3, 4, 5, 6, 8, 9, 10, 11)}
FROM_LINES |= {"align_errors", "fig_beyond_fisher", "line_agreement", "trends"} | WORST
ALL = (
    {"relax_shard", "relax_examples", "trace_lines", "fisher_information"}
    | FROM_SHARDS
    | FROM_LINES
)
PACKAGE = Path("workflow/moirespin")

# Change of the config, and the rules that it must run.
CHANGES = {
    "epochs of the regressors": (
        {"regressor": {"training": {"max_epochs": 9}}},
        {"train_regressor"} | FROM_REGRESSORS,
    ),
    "width of the generator": (
        {"generator": {"widths": {"second": 17}}},
        {"train_generator"} | FROM_GENERATOR,
    ),
    "width of the joint network": ({"joint": {"features": 9}}, {"train_joint"} | FROM_JOINT),
    "examples of figure 2": (
        {"figures": {"fig02": {"twist_index": 16}}},
        {"relax_examples", "fig02"},
    ),
    "tilt of tested ground states": ({"challenge": {"tilt_rad": 0.2}}, CHALLENGE),
    "slices of figure 11": ({"figures": {"fig11": {"twist_indices": [10]}}}, {"fig11"}),
    "panels of figure 7": ({"figures": {"fig07": {"snr_db": [10.0]}}}, {"fig07"}),
    "fractions of the sample curve, on request": ({"sample_curve": {"fractions": [0.3]}}, set()),
    "noise of the Fisher information": (
        {"fisher": {"snr_db": 30.0}},
        {"fisher_information", "align_errors", "fig_beyond_fisher"},
    ),
    "levels of noise": (
        {"noise": {"levels_db": [30.0, 0.0]}},
        {"sweep_snr", "fig07", "paper_comparison"},
    ),
    "bins": (
        {"analysis": {"bins": 5}},
        {"profile_regression", "profile_generator"}
        | {f"fig{number:02d}" for number in (3, 4, 6, 8, 9, 10)},
    ),
    "threshold of the domain state": (
        {"phases": {"domain": 0.06}},
        ALL - {"relax_shard", "relax_examples"},
    ),
    "split": ({"split": {"test_fraction": 0.3}}, {"build_dataset"} | FROM_DATASET),
    "crop of the generator": (
        {"images": {"generator_pixels": 20}},
        {"train_generator"} | FROM_GENERATOR,
    ),
    "points of the phase lines": (
        {"phase_lines": {"exchange_points": 5}},
        {"trace_lines"} | FROM_LINES,
    ),
    "starts": (
        {"ground_state": {"random_starts": 2}},
        {"relax_shard", "relax_examples", "fisher_information", "fig02"} | FROM_SHARDS,
    ),
    "exchange": ({"interlayer": {"c3z": {"sine_mev": -0.51}}}, ALL),
    "exchange model that is not used": ({"interlayer": {"stacking_map": {"shells": 5}}}, set()),
    "name of the run": ({"run": "another"}, ALL),
}


@pytest.mark.parametrize(("changes", "rules"), CHANGES.values(), ids=CHANGES)
def test_change_of_the_config_runs_what_depends_on_it(changes, rules, rerun, planned):
    assert set(planned(rerun, changes=changes)) == rules


def test_touching_every_file_runs_nothing(rerun, planned):
    for part in ("workflow", "envs", "profiles", "resources", "tests"):
        for path in (rerun / part).rglob("*"):
            path.touch()
    (rerun / "Snakefile").touch()
    (rerun / "config.yaml").touch()
    assert planned(rerun) == {}


def test_more_sets_run_only_the_new_shards(rerun, planned):
    jobs = planned(rerun, changes={"sweep": {"sets_per_angle": 48}})
    # Tested are the first sets of an angle.
    assert set(jobs) == {"relax_shard"} | FROM_SHARDS - CHALLENGE
    assert sorted(jobs["relax_shard"]) == [f"results/test/shards/m{m}/002.nc" for m in (10, 16, 22)]


@pytest.mark.parametrize("index", [12, 23], ids=["within the range", "beyond it"])
def test_another_angle_runs_only_its_own_jobs(index, rerun, planned):
    angles = sorted([10, 16, 22, index])
    jobs = planned(rerun, changes={"sweep": {"twist_indices": angles}})
    assert set(jobs) == ALL - {"relax_examples", "fisher_information"} - CHALLENGE
    assert sorted(jobs["relax_shard"]) == [
        f"results/test/shards/m{index}/{chunk:03d}.nc" for chunk in range(2)
    ]
    assert jobs["trace_lines"] == [f"results/test/phase_lines/m{index}.nc"]


# Edit of a file of the workflow, and the rules that it must run.
EDITS = {
    "relaxation": ("solver/relaxation.py", "\nUNUSED = 1\n", ALL),
    "training": (
        "learning/training.py",
        "\nUNUSED = 1\n",
        FROM_DATASET,
    ),
    "noise": (
        "images/noise.py",
        "\nUNUSED = 1\n",
        (FROM_REGRESSORS | FROM_GENERATOR) - {"fig12", "fig13", "learning_curves"},
    ),
    "one figure": ("figures/fig05.py", "\nUNUSED = 1\n", {"fig05"}),
    "registry of figures": ("figures/registry.py", "\nUNUSED = 1\n", set()),
    "registry of tables": ("analysis/registry.py", "\nUNUSED = 1\n", set()),
    "look of all figures": (
        "figures/paper.mplstyle",
        "\nlines.linewidth: 3\n",
        {figure.name for figure in FIGURES if figure.by_default},
    ),
    "checks of the config": ("pipeline/config_check.py", "\nUNUSED = 1\n", set()),
    "claims of GPUs": ("pipeline/jobs.py", "\nUNUSED = 1\n", set()),
    "checksums": ("io/checksum.py", "\nUNUSED = 1\n", set()),
    "a log line": ("solver/batch.py", '\nlogger.info("one more line")\n', set()),
}


@pytest.mark.parametrize(("name", "text", "rules"), EDITS.values(), ids=EDITS)
def test_edit_of_the_code_runs_what_runs_it(name, text, rules, rerun, planned):
    with (rerun / PACKAGE / name).open("a") as file:
        file.write(text)
    assert set(planned(rerun)) == rules


def test_edit_of_docstring_and_comment_runs_nothing(rerun, planned):
    path = rerun / PACKAGE / "solver/relaxation.py"
    head, quotes, rest = path.read_text().partition('"""')
    path.write_text(f"{head}{quotes}More about it. {rest}\n# A comment.\n")
    assert planned(rerun) == {}


def test_missing_figures_are_drawn_again(rerun, planned):
    for name in ("fig04.png", "fig05.pdf", "fig06.csv"):
        (rerun / "results/test/figures" / name).unlink()
    assert set(planned(rerun)) == {"fig04", "fig05", "fig06"}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("phase_diagram.nc", "gather_shards"),
        ("dataset.nc", "build_dataset"),
        ("models/joint.safetensors", "train_joint"),
        ("scores/generator.nc", "score_generator"),
        ("tables/paper_comparison.csv-metadata.json", "paper_comparison"),
    ],
)
def test_deleted_files_are_restored(name, rule, rerun, planned):
    (rerun / "results/test" / name).unlink()
    assert rule in planned(rerun)


def test_new_size_of_shards_is_announced(rerun, snakemake):
    announced = "sweep.sets_per_shard is 8 and was 16 when results/test was computed"
    for size, said in ((8, True), (16, False)):
        changes = {"sweep": {"sets_per_shard": size}}
        answer = snakemake(rerun, "--dry-run", changes=changes)
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
    assert sentence.endswith(f"repair it with: rm -f {shard} && snakemake")
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
        # The script has begun; imports and compilation alone take longer than this.
        time.sleep(2)
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
        "exchange": {"model": "stacking_map", "stacking_map": {"table": table}},
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
