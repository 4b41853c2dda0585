"""The plan of the default run, and what is refused before anything is planned."""

import ast
import re
import subprocess
import time

import pytest

from moirespin.pipeline.fingerprint import PACKAGE
from snakefile import JOBS, PROJECT

# That of the whole package says where the names for users lie, and is imported by nothing else.
INIT_FILES = sorted(set(PACKAGE.rglob("__init__.py")) - {PACKAGE / "__init__.py"})
ON_REQUEST = {
    "fit_scale",
    "fig_beyond_starts",
    "relax_branches",
    "train_texture_model",
    "train_fraction",
    "transition_order",
    "mixed_layers",
    "fig_beyond_order",
    "train_again",
    "train_inputs",
    "inputs",
    "fig_beyond_inputs",
    "train_robust",
    "image_conditions",
    "train_choice",
    "choices",
    "training_spread",
    "sample_curve",
    "train_generator_fraction",
    "train_textures_fraction",
    "image_curve",
    "fig_beyond_samples",
    "relax_unseen",
    "infer_unseen",
    "calibration",
    "relax_foreign",
    "infer_foreign",
    "foreign",
    "coverage",
    "calibration_failures",
    "recognition",
    "fig_beyond_calibration",
    "infer_noisy",
    "noise_limits",
    "fig_beyond_noise",
    "measure_image",
}


@pytest.mark.workflow
def test_default_config_plans_every_job_once(project, planned, config):
    began = time.monotonic()
    jobs = planned(project, changes=config)
    print(f"dry run of the default config: {time.monotonic() - began:.1f} s")
    sweep = config["sweep"]
    angles = len(sweep["twist_indices"])
    shards = angles * -(-sweep["sets_per_angle"] // sweep["sets_per_shard"])
    expected = dict.fromkeys(JOBS.keys() - ON_REQUEST, 1)
    expected |= {"relax_shard": shards, "trace_lines": angles, "train_regressor": 3}
    expected |= {"challenge_winners": len(config["challenge"]["twist_indices"])}
    assert {rule: len(outputs) for rule, outputs in jobs.items()} == expected


@pytest.mark.workflow
def test_file_of_another_run_is_refused_with_the_runs_that_exist(project, snakemake):
    for name in ("test", "older"):
        (project / "results" / name / "logs").mkdir(parents=True)
    answer = snakemake(project, "results/tset/figures/fig11.png", "--dry-run")
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[-1] == (
        "results/tset/figures/fig11.png is of another run than test, which the config names"
        " (runs in results: older, test): ask for results/test/figures/fig11.png, or name the other"
        " run with its --configfile or with --config run=..."
    )
    assert "Error" not in answer.stdout


@pytest.mark.workflow
def test_figures_and_tables_are_called_by_their_names(project, planned):
    assert "fig11" in planned(project, "fig11")
    assert planned(project, "phases").keys() == {"relax_shard", "gather_shards", "phases"}


@pytest.mark.workflow
def test_mistyped_name_is_refused_with_the_one_that_was_meant(project, snakemake):
    answer = snakemake(project, "fig5", "--dry-run")
    assert answer.returncode == 1
    said = answer.stdout.splitlines()[-1]
    assert said == "no target is called fig5: did you mean fig05?"


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("given", "bins"),
    [('analysis={"bins": 8}', 8), ("analysis={bins: 8}", 8), ('analysis={"bins": 8.5}', None)],
)
def test_numbers_within_a_block_on_the_command_line_are_numbers(given, bins, project, snakemake):
    answer = snakemake(project, "profile_regression", "--dry-run", "--config", given)
    if bins:
        assert answer.returncode == 0, answer.stdout
    else:
        assert "analysis.bins is 8.5, but must be a whole number" in answer.stdout.splitlines()[-1]


@pytest.mark.workflow
def test_make_starts_plans_the_study_of_random_starts():
    if not (PROJECT / ".venv/.ready").exists():
        pytest.skip("needs the project's own .venv: make setup")
    answer = subprocess.run(
        ["make", "starts", "RUN=planned", "ARGS=--dry-run --nolock"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout
    assert re.search(r"^challenge_winners +25$", answer.stdout, re.MULTILINE)
    assert "output: results/planned/figures/fig_beyond_starts.png" in answer.stdout


@pytest.mark.workflow
def test_make_plan_fits_a_screen():
    if not (PROJECT / ".venv/.ready").exists():
        pytest.skip("needs the project's own .venv: make setup")
    answer = subprocess.run(
        ["make", "plan", "RUN=planned", "ARGS=--nolock"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout
    counts = dict(re.findall(r"(\w+) +(\d+)", answer.stdout))
    assert counts["train_regressor"] == "3"
    assert sum(map(int, counts.values())) == 2 * int(counts["total"])
    assert len(answer.stdout.splitlines()) < 30


@pytest.mark.workflow
def test_snakemake_lint_finds_nothing(project, snakemake):
    answer = snakemake(project, "--lint")
    assert answer.returncode == 0, answer.stdout
    assert "your workflow is in a good condition" in answer.stdout


@pytest.mark.parametrize("path", INIT_FILES, ids=[path.parent.name for path in INIT_FILES])
def test_init_files_hold_no_science(path):
    # The fingerprint does not read them.
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)
        assert "moirespin" not in str(getattr(node, "module", ""))
