"""The plan of the default run, the form of the rules, and the style of all files."""

import ast
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from moirespin.pipeline.fingerprint import PACKAGE, SCRIPTS

PROJECT = Path(__file__).parents[2]
RULE_FILES = sorted((PROJECT / "workflow/rules").glob("*.smk"))
INIT_FILES = sorted(PACKAGE.rglob("__init__.py"))
ON_REQUEST = {"fit_scale", "plot_starts", "train_part", "score_parts", "plot_samples"}
SIMULATIONS = {"relax_shard", "trace_lines", "challenge_winners", "fit_scale"}
SIMULATIONS |= {"fisher_information", "relax_examples"}


def read_rules():
    """Return the text of each rule."""
    rules = {}
    for path in RULE_FILES:
        pieces = re.split(r"^rule (\w+):\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        rules |= dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return rules


RULES = read_rules()


def run_tool(*arguments):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.workflow
def test_default_config_plans_every_job_once(project, planned, config):
    began = time.monotonic()
    jobs = planned(project, changes=config)
    print(f"dry run of the default config: {time.monotonic() - began:.1f} s")
    sweep = config["sweep"]
    angles = len(sweep["twist_indices"])
    shards = angles * -(-sweep["sets_per_angle"] // sweep["sets_per_shard"])
    expected = dict.fromkeys(RULES.keys() - ON_REQUEST, 1)
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
def test_snakemake_lint_finds_nothing(project, snakemake):
    answer = snakemake(project, "--lint")
    assert answer.returncode == 0, answer.stdout
    assert "your workflow is in a good condition" in answer.stdout


@pytest.mark.parametrize(
    "tool",
    [
        ("ruff", "check", "--no-cache", "."),
        ("ruff", "format", "--no-cache", "--check", "."),
        ("snakefmt", "--check", "Snakefile", "workflow/rules"),
    ],
    ids=" ".join,
)
def test_style_is_clean(tool):
    answer = run_tool(*tool)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("rule", RULES)
def test_rule_has_log_environment_and_fingerprint(rule):
    text = RULES[rule]
    for directive in ("output", "log", "conda", "params", "script"):
        assert len(re.findall(rf"^    {directive}:$", text, re.MULTILINE)) == 1, directive
    assert f'code=fingerprint("{rule}")' in text
    assert f'script:\n        "../scripts/{rule}.py"' in text
    assert re.search(rf'log:\n        "<run>/logs/{rule}(/.*)?\.log"', text)
    environment = re.search(r'conda:\n        "(.*)"', text)[1]
    assert (PROJECT / "workflow/rules" / environment).is_file()


@pytest.mark.parametrize("rule", sorted(SIMULATIONS))
def test_interlayer_table_is_an_input_of_simulations(rule):
    # Of fit_scale too, or an edited table would leave an old scale.
    assert "input:\n        table=interlayer_table,\n" in RULES[rule]


def test_every_script_belongs_to_a_rule():
    assert {path.stem for path in SCRIPTS.glob("*.py")} == set(RULES)
    assert len(RULES) > 20


def test_common_defines_no_rule():
    common = (PROJECT / "workflow/rules/common.smk").read_text(encoding="utf-8")
    assert not re.search(r"^(rule|checkpoint)\b", common, re.MULTILINE)


@pytest.mark.parametrize("path", INIT_FILES, ids=[path.parent.name for path in INIT_FILES])
def test_init_files_hold_no_code(path):
    # The fingerprint does not read them.
    assert [
        node for node in ast.parse(path.read_text()).body if not isinstance(node, ast.Expr)
    ] == []
