"""What every rule has, and what rules have in common with the registries and the profiles."""

import subprocess
import sys

import pytest

from moirespin.analysis.registry import TABLES
from moirespin.figures.registry import FIGURES
from moirespin.pipeline.fingerprint import locate, science_closure
from snakefile import JOBS, LOCAL, PROJECT, RULES, SCRIPTS, script

RUN = "results/laptop"
SIMULATIONS = {
    name for name, rule in JOBS.items() if "start_simulation" in script(rule).read_text()
}
# No simulation, but an edited table would leave an old scale.
SIMULATIONS |= {"fit_scale"}


def run_tool(*arguments):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


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


@pytest.mark.parametrize("name", JOBS)
def test_rule_has_log_environment_and_fingerprint(name):
    rule = JOBS[name]
    (log,) = rule.log
    assert log.startswith(f"{RUN}/logs/{name}")
    assert (PROJECT / "workflow/rules" / str(rule.conda_env)).is_file()
    assert len(rule.params.get("code")(None)) == 16
    assert all(path.startswith(f"{RUN}/") for path in rule.output)


@pytest.mark.parametrize("name", ["relax_shard", "trace_lines", "train_regressor", "train_joint"])
def test_long_jobs_are_timed(name):
    assert JOBS[name].benchmark.startswith(f"{RUN}/benchmarks/{name}")


def test_every_script_is_run_by_a_rule():
    assert {script(rule) for rule in JOBS.values()} == set(SCRIPTS.glob("*.py"))


@pytest.mark.parametrize("name", sorted(SIMULATIONS))
def test_interlayer_table_is_an_input_of_simulations(name):
    assert "table" in dict(JOBS[name].input.items())


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_figure_has_a_rule_a_caption_and_a_module_of_its_own(figure):
    rule = RULES[figure.name]
    assert not rule.has_wildcards()
    assert rule.name in LOCAL
    assert (PROJECT / f"workflow/report/{figure.name}.rst").is_file()
    # An edit of one figure's module redraws that figure alone.
    others = {locate(f"figures/{other.module}") for other in FIGURES if other is not figure}
    assert not science_closure(locate(f"figures/{figure.module}")) & others
    assert (f"{RUN}/figures/{figure.name}.png" in RULES["all"].input) == figure.by_default


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_table_has_a_rule_and_a_caption(table):
    assert not RULES[table.name].has_wildcards()
    assert f"{RUN}/tables/{table.name}.csv" in RULES[table.name].output
    assert (PROJECT / f"workflow/report/{table.name}.rst").is_file()
    assert (f"{RUN}/{table.file}" in RULES["all"].input) == table.by_default
